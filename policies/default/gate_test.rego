# Tests of the default policy. `palisade gate --test policies/default` runs them, and so does `opa test policies/default`.
package palisade.gate_test

import rego.v1

import data.palisade.gate

# --- Inputs -----------------------------------------------------------------------------------------------------------------------

# A run with nothing against it. Only what the policy reads; tests lay their difference over it.
clean := {
	"now": "2026-03-01T12:00:00Z",
	"snapshot": {"dirty": false, "source": {"kind": "git", "commit": "8f3c2a1000000000000000000000000000000000"}},
	"plan": {
		"scans": [{"engine": "secrets"}],
		"mandatory": ["job:licence", "scan:secrets"],
		"jobs": {"compile": {}, "org/licence": {}},
		"environments": {"staging": {"protected": false, "approvals": 0}},
	},
	"environments": {"staging": {"protected": false, "approvals": 0}},
	"run": {"builder": {"key": "passphrase"}, "jobs": [compile, licence]},
	"findings": [],
	"coverage": [{"engine": "secrets", "coverage": {"gaps": []}}],
	"evidence": [
		{"predicate_type": "https://slsa.dev/provenance/v1", "subjects": ["sha256:aa", "sha256:bb"]},
		{"predicate_type": "urn:palisade:scan-result:v1", "subjects": ["sha256:77"]},
	],
	"waivers": [],
}

compile := {
	"job": "compile",
	"outcome": {"is": "succeeded"},
	"outputs": [{"name": "storefront", "digest": "sha256:aa"}, {"name": "storefront.map", "digest": "sha256:bb"}],
}

licence := {"job": "org/licence", "outcome": {"is": "succeeded"}, "outputs": []}

failed(record) := object.union(record, {"outcome": {"is": "failed", "value": 1}})

with_jobs(jobs) := object.union(clean, {"run": {"jobs": jobs}})

with_gaps(gaps) := object.union(clean, {"coverage": [{"engine": "secrets", "coverage": {"gaps": gaps}}]})

gap(path) := {"path": path, "kind": "unreadable", "blocking": true}

finding := {
	"engine": "secrets",
	"rule": "github-pat",
	"title": "GitHub token",
	"severity": "medium",
	"confidence": "high",
	"location": {"path": "a.env", "start": {"line": 4, "column": 14}},
	"fingerprint": "3f9d17c2000000000000000000000000",
	"suppression": null,
}

with_finding(change) := object.union(clean, {"findings": [object.union(finding, change)]})

waived := with_finding({"suppression": {"kind": "waiver", "reason": "test", "self_granted": false}})

self_waived := with_finding({"suppression": {"kind": "waiver", "reason": "test", "self_granted": true}})

protected(document) := object.union(document, {"environments": {"production": {"protected": true, "approvals": 0}}})

with_waiver(until) := object.union(clean, {"waivers": [{"fingerprint": "3f9d17c2000000000000000000000000", "until": until}]})

denials(document) := found if {
	found := {objection.rule | some objection in gate.deny} with input as document
}

warnings(document) := found if {
	found := {objection.rule | some objection in gate.warn} with input as document
}

messages(document) := found if {
	found := {objection.message | some objection in gate.deny} with input as document
}

# --- Nothing against it -----------------------------------------------------------------------------------------------------------

test_clean_run_has_no_objection if {
	denials(clean) == set()
	warnings(clean) == set()
	count(gate.require_approval) == 0 with input as clean
}

test_clean_run_for_a_protected_environment_has_no_denial if denials(protected(clean)) == set()

# --- Findings ---------------------------------------------------------------------------------------------------------------------

test_secret_is_denied_whatever_its_severity if {
	every severity in ["info", "low", "medium", "high", "critical"] {
		denials(with_finding({"severity": severity})) == {"secret-in-tree"}
	}
}

test_secret_names_its_finding_and_place if {
	some objection in gate.deny with input as with_finding({})
	objection.findings == ["3f9d17c2000000000000000000000000"]
	objection.message == "GitHub token (github-pat, medium) at a.env:4"
}

test_secret_of_medium_confidence_is_denied if denials(with_finding({"confidence": "medium"})) == {"secret-in-tree"}

test_doubtful_secret_is_a_warning if {
	doubtful := with_finding({"confidence": "low"})
	denials(doubtful) == set()
	warnings(doubtful) == {"low-confidence"}
}

test_doubtful_severe_secret_is_denied if {
	every severity in ["high", "critical"] {
		doubtful := with_finding({"confidence": "low", "severity": severity})
		denials(doubtful) == {"finding-severe"}
		warnings(doubtful) == set()
	}
}

test_severe_finding_of_any_engine_is_denied if {
	every severity in ["high", "critical"] {
		denials(with_finding({"engine": "code", "severity": severity})) == {"finding-severe"}
	}
}

test_mild_finding_is_no_objection if {
	every severity in ["info", "low", "medium"] {
		mild := with_finding({"engine": "code", "severity": severity})
		denials(mild) == set()
		warnings(mild) == set()
	}
}

test_suppressed_finding_does_not_count if {
	denials(waived) == set()
	warnings(waived) == set()
}

# --- Scans ------------------------------------------------------------------------------------------------------------------------

test_scan_without_result_is_denied if {
	"scan-missing" in denials(object.union(clean, {"coverage": []}))
	other := object.union(clean, {"coverage": [{"engine": "code", "coverage": {"gaps": []}}]})
	"scan-missing" in denials(other)
}

test_blocking_gap_is_denied_as_a_gap if {
	kinds := {objection.kind | some objection in gate.deny} with input as with_gaps([gap("a.bin")])
	kinds == {"gap"}
	denials(with_gaps([gap("a.bin")])) == {"blocking-gap"}
}

test_gap_of_the_whole_source_is_denied if {
	messages(with_gaps([gap(null)])) == {"scan `secrets` could not look at everything, 1 blocking: the whole source (unreadable)"}
}

test_noted_gap_is_no_objection if {
	denials(with_gaps([{"path": "sub", "kind": "noted", "blocking": false}])) == set()
}

test_many_gaps_are_one_objection if {
	messages(with_gaps([gap(sprintf("f%d", [number])) | some number in numbers.range(1, 7)])) == {concat("", [
		"scan `secrets` could not look at everything, 7 blocking: f1 (unreadable), f2 (unreadable), f3 (unreadable), ",
		"f4 (unreadable), f5 (unreadable) and 2 more",
	])}
}

# --- The plan was carried out -----------------------------------------------------------------------------------------------------

test_mandatory_scan_without_result_is_denied if {
	"mandatory-stage-missing" in denials(object.union(clean, {"coverage": []}))
}

test_mandatory_job_that_was_not_run_is_denied if "mandatory-stage-missing" in denials(with_jobs([compile]))

test_mandatory_job_that_failed_is_denied if {
	"mandatory-stage-missing" in denials(with_jobs([compile, failed(licence)]))
}

test_job_of_the_repository_does_not_stand_in_for_a_mandatory_one if {
	imitation := object.union(licence, {"job": "licence"})
	"mandatory-stage-missing" in denials(with_jobs([compile, imitation]))
}

test_mandatory_stage_of_unknown_form_is_denied if {
	denials(object.union(clean, {"plan": {"mandatory": ["dance"]}})) == {"mandatory-stage-missing"}
}

test_failed_job_is_denied if denials(with_jobs([failed(compile), licence])) == {"job-failed"}

test_every_outcome_but_success_is_denied if {
	outcomes := [
		"failed", "signalled", "timed-out", "out-of-memory", "over-limit", "bad-output", "skipped", "cancelled", "errored",
	]
	every outcome in outcomes {
		denials(with_jobs([object.union(compile, {"outcome": {"is": outcome}}), licence])) == {"job-failed"}
	}
}

test_job_that_was_not_run_is_denied if denials(with_jobs([licence])) == {"job-failed"}

# --- Evidence ---------------------------------------------------------------------------------------------------------------------

with_evidence(evidence) := object.union(clean, {"evidence": evidence})

provenance(subjects) := {"predicate_type": "https://slsa.dev/provenance/v1", "subjects": subjects}

scan_result := {"predicate_type": "urn:palisade:scan-result:v1", "subjects": ["sha256:77"]}

test_output_without_provenance_is_denied if {
	messages(with_evidence([provenance(["sha256:aa"]), scan_result])) == {"1 of 2 outputs of job `compile` have no provenance statement: storefront.map"}
}

test_statement_of_another_type_is_no_provenance if {
	other := {"predicate_type": "https://example.org/other", "subjects": ["sha256:aa", "sha256:bb"]}
	denials(with_evidence([other, scan_result])) == {"evidence-missing"}
}

test_provenance_may_be_spread_over_statements if {
	denials(with_evidence([provenance(["sha256:aa"]), provenance(["sha256:bb"]), scan_result])) == set()
}

test_missing_scan_result_is_denied if {
	denials(with_evidence([provenance(["sha256:aa", "sha256:bb"])])) == {"evidence-missing"}
}

test_no_evidence_at_all_is_denied_twice if count(messages(with_evidence([]))) == 2

# --- Environments -----------------------------------------------------------------------------------------------------------------

dirty := object.union(clean, {"snapshot": {"dirty": true}})

test_dirty_tree_is_a_warning if {
	denials(dirty) == set()
	warnings(dirty) == {"dirty-tree"}
}

test_dirty_tree_is_denied_for_a_protected_environment if {
	denials(protected(dirty)) == {"dirty-tree"}
	warnings(protected(dirty)) == set()
}

test_protection_in_the_plan_alone_counts if {
	document := object.union(dirty, {"plan": {"environments": {"production": {"protected": true, "approvals": 0}}}})
	denials(document) == {"dirty-tree"}
}

test_protected_environment_needs_a_commit if {
	unborn := object.union(clean, {"snapshot": {"source": {"kind": "git", "commit": null}}})
	folder := object.union(
		object.remove(clean, ["snapshot"]),
		{"snapshot": {"dirty": false, "source": {"kind": "folder"}}},
	)
	every document in [unborn, folder] {
		denials(document) == set()
		denials(protected(document)) == {"no-commit"}
	}
}

test_protected_environment_needs_a_protected_key if {
	unprotected := object.union(clean, {"run": {"builder": {"key": "local-unprotected"}}})
	denials(unprotected) == set()
	denials(protected(unprotected)) == {"unprotected-key"}
}

test_self_granted_suppression_is_a_warning if {
	denials(self_waived) == set()
	warnings(self_waived) == {"self-granted-suppression"}
}

test_self_granted_suppression_is_denied_for_a_protected_environment if {
	denials(protected(self_waived)) == {"self-granted-suppression"}
	denials(protected(waived)) == set()
}

test_environment_asks_for_its_approvals if {
	document := object.union(clean, {"environments": {"production": {"protected": true, "approvals": 2}}})
	gate.require_approval == {{
		"environment": "production",
		"count": 2,
		"message": "environment `production` needs the approval of 2 people other than the author",
	}} with input as document
}

test_more_approvals_win if {
	document := object.union(clean, {
		"plan": {"environments": {"production": {"protected": true, "approvals": 3}}},
		"environments": {"production": {"protected": true, "approvals": 1}},
	})
	counts := {objection.count | some objection in gate.require_approval} with input as document
	counts == {3}
}

test_no_environment_is_a_warning if {
	bare := object.union(object.remove(clean, ["environments", "plan"]), {
		"environments": {},
		"plan": object.union(object.remove(clean.plan, ["environments"]), {"environments": {}}),
	})
	denials(bare) == set()
	warnings(bare) == {"no-environment"}
}

# --- Waivers ----------------------------------------------------------------------------------------------------------------------

test_waiver_that_ends_soon_is_a_warning if {
	every until in ["2026-03-01", "2026-03-02", "2026-03-15"] {
		warnings(with_waiver(until)) == {"waiver-expires"}
	}
}

test_waiver_that_ends_later_or_has_ended_is_no_warning if {
	every until in ["2026-02-28", "2026-03-16", "2030-01-01"] {
		warnings(with_waiver(until)) == set()
	}
}
