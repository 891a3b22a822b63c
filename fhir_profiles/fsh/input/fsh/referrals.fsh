Profile: ReferralServiceRequest
Parent: ServiceRequest
Id: referral-service-request
Title: "转诊申请"
Description: "A person is referred: which way, for what, by whom and to whom."
* insert Ours
* identifier 1..*
* intent = #order
* category 1..1
* category from ReferralDirectionSet (required)
* code 1..1
* subject only Reference(Patient)
* authoredOn 1..1
* requester 1..1
* requester only Reference(Organization or Practitioner or PractitionerRole)
* performer 1..*
* performer only Reference(Organization)

Profile: CoordinationTask
Parent: Task
Id: coordination-task
Title: "转诊协调任务"
Description: "What is done about a referral, and by whom."
* insert Ours
* intent = #order
* code 1..1
* code = http://hl7.org/fhir/CodeSystem/task-code#fulfill
* focus 1..1
* focus only Reference(ServiceRequest)
* for 1..1
* for only Reference(Patient)
* requester 1..1
* owner 1..1
* owner only Reference(Organization)
* obeys refusal-reason

Invariant: refusal-reason
Description: "Who rejects a referral, or gives it up, says why."
Severity: #error
Expression: "status in ('rejected' | 'failed') implies statusReason.exists()"

Profile: CancellationTask
Parent: Task
Id: cancellation-task
Title: "撤回转诊任务"
Description: "The sender asks to cancel a referral that is under way."
* insert Ours
* intent = #order
* code 1..1
* code = http://hl7.org/fhir/CodeSystem/task-code#abort
* focus 1..1
* focus only Reference(Task)
* for 1..1
* requester 1..1
* reasonCode 1..1
