# The gate's default policy: what every run is held to, unless the organisation's policy replaces it.
#
# The input is docs/schemas/gate-input-v1.json. `deny` and `require_approval` stop a run, `warn` only speaks. A rule's name is stable:
# reports, exit codes and other policies refer to it.
package palisade.gate

import rego.v1

# --- Findings ---------------------------------------------------------------------------------------------------------------------

# A suppressed finding stays in the input and does not count. Which suppressions hold was decided before (plan.suppressions).
active contains finding if {
	some finding in input.findings
	finding.suppression == null
}

# Secrets have a rule of their own, because they must be revoked, whatever their severity.
secrets contains finding if {
	some finding in active
	finding.engine == "secrets"
	finding.confidence in {"medium", "high"}
}

deny contains objection if {
	some finding in secrets
	objection := about(finding, "secret-in-tree")
}

deny contains objection if {
	some finding in active
	not finding in secrets
	finding.severity in {"critical", "high"}
	objection := about(finding, "finding-severe")
}

warn contains objection if {
	some finding in active
	finding.engine == "secrets"
	finding.confidence == "low"
	not finding.severity in {"critical", "high"}
	objection := about(finding, "low-confidence")
}

about(finding, rule) := {
	"rule": rule,
	"message": sprintf("%s (%s, %s) at %s:%d", [
		finding.title,
		finding.rule,
		finding.severity,
		finding.location.path,
		finding.location.start.line,
	]),
	"findings": [finding.fingerprint],
}

# --- Scans ------------------------------------------------------------------------------------------------------------------------

scanned contains report.engine if some report in input.coverage

deny contains {"rule": "scan-missing", "message": message} if {
	some scan in input.plan.scans
	not scan.engine in scanned
	message := sprintf("the plan asks for scan `%s`, and there is no result of it", [scan.engine])
}

# One objection for each engine: a broken disk makes thousands of gaps.
deny contains {"rule": "blocking-gap", "kind": "gap", "message": message} if {
	some report in input.coverage
	gaps := [gap | some gap in report.coverage.gaps; gap.blocking]
	count(gaps) > 0
	message := sprintf("scan `%s` could not look at everything, %d blocking: %s", [
		report.engine,
		count(gaps),
		listing([described(gap) | some gap in gaps]),
	])
}

described(gap) := sprintf("%s (%s)", [gap.path, gap.kind]) if gap.path != null

described(gap) := sprintf("the whole source (%s)", [gap.kind]) if gap.path == null

# --- The plan was carried out -----------------------------------------------------------------------------------------------------

succeeded contains record.job if {
	some record in input.run.jobs
	record.outcome.is == "succeeded"
}

recorded contains record.job if some record in input.run.jobs

deny contains {"rule": "mandatory-stage-missing", "message": message} if {
	some stage in input.plan.mandatory
	not done(stage)
	message := sprintf("mandatory stage `%s` has no successful result", [stage])
}

done(stage) if {
	startswith(stage, "scan:")
	trim_prefix(stage, "scan:") in scanned
}

# The organisation's jobs have names that no repository can write.
done(stage) if {
	startswith(stage, "job:")
	concat("/", ["org", trim_prefix(stage, "job:")]) in succeeded
}

deny contains {"rule": "job-failed", "message": message} if {
	some record in input.run.jobs
	not record.job in succeeded
	message := sprintf("job `%s` did not succeed (%s)", [record.job, record.outcome.is])
}

deny contains {"rule": "job-failed", "message": message} if {
	some job, _ in input.plan.jobs
	not job in recorded
	message := sprintf("job `%s` of the plan was not run", [job])
}

# --- Evidence ---------------------------------------------------------------------------------------------------------------------

provenance_type := "https://slsa.dev/provenance/v1"

scan_result_type := "urn:palisade:scan-result:v1"

# Digests that a provenance statement speaks of.
proven contains digest if {
	some statement in input.evidence
	statement.predicate_type == provenance_type
	some digest in statement.subjects
}

deny contains {"rule": "evidence-missing", "message": message} if {
	some record in input.run.jobs
	record.job in succeeded
	missing := [output.name | some output in record.outputs; not output.digest in proven]
	count(missing) > 0
	message := sprintf("%d of %d outputs of job `%s` have no provenance statement: %s", [
		count(missing),
		count(record.outputs),
		record.job,
		listing(missing),
	])
}

deny contains {"rule": "evidence-missing", "message": "there is no statement about the result of the scans"} if {
	every statement in input.evidence {
		statement.predicate_type != scan_result_type
	}
}

# --- Environments -----------------------------------------------------------------------------------------------------------------

# Named twice in the input. Both count, so that neither can leave one out.
environments contains object.union(environment, {"name": name}) if some name, environment in input.environments

environments contains object.union(environment, {"name": name}) if some name, environment in input.plan.environments

protected contains environment.name if {
	some environment in environments
	environment.protected
}

protected_names := concat(", ", protected)

self_granted := {finding.fingerprint |
	some finding in input.findings
	finding.suppression != null
	finding.suppression.self_granted
}

deny contains {"rule": "dirty-tree", "message": message} if {
	input.snapshot.dirty
	count(protected) > 0
	message := sprintf("the tree has changes that are not committed (protected: %s)", [protected_names])
}

warn contains {"rule": "dirty-tree", "message": "the tree has changes that are not committed"} if {
	input.snapshot.dirty
	count(protected) == 0
}

deny contains {"rule": "no-commit", "message": message} if {
	not has_commit
	count(protected) > 0
	message := sprintf("the content is not that of a commit (protected: %s)", [protected_names])
}

has_commit if {
	input.snapshot.source.kind == "git"
	input.snapshot.source.commit != null
}

deny contains {"rule": "unprotected-key", "message": message} if {
	input.run.builder.key == "local-unprotected"
	count(protected) > 0
	message := sprintf("the signing key is not protected by a passphrase (protected: %s)", [protected_names])
}

deny contains {"rule": "self-granted-suppression", "message": message, "findings": self_granted} if {
	count(self_granted) > 0
	count(protected) > 0
	message := sprintf("%d findings are suppressed by the change itself (protected: %s)", [
		count(self_granted),
		protected_names,
	])
}

warn contains {"rule": "self-granted-suppression", "message": message, "findings": self_granted} if {
	count(self_granted) > 0
	count(protected) == 0
	message := sprintf("%d findings are suppressed by the change itself", [count(self_granted)])
}

require_approval contains {"environment": name, "count": wanted, "message": message} if {
	some name in {environment.name | some environment in environments}
	wanted := max({environment.approvals | some environment in environments; environment.name == name})
	wanted > 0
	message := sprintf("environment `%s` needs the approval of %d people other than the author", [name, wanted])
}

warn contains {"rule": "no-environment", "message": "no environment is declared, so no approval was asked"} if {
	count(environments) == 0
}

# --- Waivers ----------------------------------------------------------------------------------------------------------------------

notice_days := 14

day_ns := ((24 * 60) * 60) * 1000000000

# Days as text: they sort as they are, and a day far in the future has no number of nanoseconds.
today := substring(input.now, 0, 10)

last_notice_day := substring(time.format((time.parse_rfc3339_ns(input.now) + (notice_days * day_ns))), 0, 10)

# A waiver holds to the end of its last day, UTC.
warn contains {"rule": "waiver-expires", "message": message, "findings": [waiver.fingerprint]} if {
	some waiver in input.waivers
	waiver.until >= today
	waiver.until <= last_notice_day
	message := sprintf("the waiver for %s expires on %s", [substring(waiver.fingerprint, 0, 8), waiver.until])
}

# --- Text -------------------------------------------------------------------------------------------------------------------------

shown := 5

listing(items) := concat(", ", items) if count(items) <= shown

listing(items) := sprintf("%s and %d more", [concat(", ", array.slice(items, 0, shown)), count(items) - shown]) if {
	count(items) > shown
}
