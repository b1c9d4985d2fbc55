# Nothing that may be a secret passes here, not even with low confidence, unless it is suppressed with a reason.
package palisade.gate.own

import rego.v1

deny contains {"rule": "doubtful-finding", "message": message, "findings": [finding.fingerprint]} if {
	some finding in input.findings
	finding.suppression == null
	message := sprintf("%s at %s:%d", [finding.title, finding.location.path, finding.location.start.line])
}
