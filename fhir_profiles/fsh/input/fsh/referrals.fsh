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

CodeSystem: ReferralContact
Id: referral-contact
Title: "转诊联系人"
Description: "For what somebody answers when a referral is not dealt with."
* insert List
* #duty "值班"
* #head "负责人"
* #medical-officer "医务负责人"
* insert English(duty, on duty)
* insert English(head, head of the organisation)
* insert English(medical-officer, medical officer)

ValueSet: ReferralContactSet
Id: referral-contact
Title: "转诊联系人"
* insert Set
* include codes from system ReferralContact
