// Extensions that the engine writes with assessments, plans, referrals, findings and charges.

Extension: PolicyRule
Id: policy-rule
Title: "所依据的规则"
Context: Element
* insert Ours
* extension contains
    rule 1..1 and
    jurisdiction 1..1 and
    document 1..1 and
    clause 0..1 and
    validFrom 1..1 and
    mark 1..1
* extension[rule].value[x] only string
* extension[rule].value[x] 1..1
* extension[jurisdiction].value[x] only string
* extension[jurisdiction].value[x] 1..1
* extension[document].value[x] only string
* extension[document].value[x] 1..1
* extension[clause].value[x] only string
* extension[clause].value[x] 1..1
* extension[validFrom].value[x] only date
* extension[validFrom].value[x] 1..1
* extension[mark].value[x] only string
* extension[mark].value[x] 1..1
* extension[mark].value[x] from RuleMarkSet (required)

Extension: ValidUntil
Id: valid-until
Title: "结论有效期至"
Context: Observation
* insert Ours
* value[x] only date
* value[x] 1..1

Extension: Assessor
Id: assessor
Title: "评估员"
Context: QuestionnaireResponse
* insert Ours
* value[x] only Reference(Practitioner or PractitionerRole)
* value[x] 1..1

Extension: ValidAssessment
Id: valid-assessment
Title: "评估时仍有效的结论"
Context: QuestionnaireResponse
* insert Ours
* value[x] only Reference(Observation)
* value[x] 1..1

Extension: OpenedDespite
Id: opened-despite
Title: "仍须评估的理由"
Context: QuestionnaireResponse
* insert Ours
* value[x] only string
* value[x] 1..1

Extension: DisputedAssessment
Id: disputed-assessment
Title: "有异议的评估"
Context: QuestionnaireResponse
* insert Ours
* value[x] only Reference(QuestionnaireResponse)
* value[x] 1..1

Extension: ReusedFrom
Id: reused-from
Title: "互认的结论"
Context: Provenance
* insert Ours
* value[x] only Reference(Observation)
* value[x] 1..1

Extension: SavedVisits
Id: saved-visits
Title: "节省的上门次数"
Context: Provenance
* insert Ours
* value[x] only unsignedInt
* value[x] 1..1

Extension: PayerExtension
Id: payer
Title: "支付方"
Context: Claim, Claim.item, CarePlan.activity.detail
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from PayerSet (required)

Extension: FundShare
Id: fund-share
Title: "基金支付"
Context: Claim.item
* insert Ours
* value[x] only Money
* value[x] 1..1

Extension: OwnShare
Id: own-share
Title: "个人支付"
Context: Claim.item
* insert Ours
* value[x] only Money
* value[x] 1..1

Extension: Proven
Id: proven
Title: "已有上门凭证"
Context: Claim.item
* insert Ours
* value[x] only boolean
* value[x] 1..1

Extension: ItemPerformer
Id: performer
Title: "实际服务人员"
Context: Claim.item
* insert Ours
* value[x] only Reference(PractitionerRole or Practitioner)
* value[x] 1..1

Extension: CheckInMetres
Id: check-in-metres
Title: "签到距离(米)"
Context: Encounter
* insert Ours
* value[x] only unsignedInt
* value[x] 1..1

Extension: PersonConfirmed
Id: person-confirmed
Title: "本人或家属已确认"
Context: Encounter
* insert Ours
* value[x] only boolean
* value[x] 1..1

Extension: ItemDone
Id: item-done
Title: "完成的服务项目"
Context: Encounter
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from ServiceItemSet (extensible)

Extension: VisitOrder
Id: visit-order
Title: "两次上门的先后"
Context: CarePlan
* insert Ours
* extension contains
    first 1..1 and
    second 1..1 and
    how 1..1 and
    min-gap 0..1 and
    max-gap 0..1 and
    carers 0..1 and
    reason 0..1
* extension[first].value[x] only string
* extension[first].value[x] 1..1
* extension[second].value[x] only string
* extension[second].value[x] 1..1
* extension[how].value[x] only code
* extension[how].value[x] 1..1
* extension[how].value[x] from VisitSequenceSet (required)
* extension[min-gap].value[x] only unsignedInt
* extension[min-gap].value[x] 1..1
* extension[max-gap].value[x] only unsignedInt
* extension[max-gap].value[x] 1..1
* extension[carers].value[x] only code
* extension[carers].value[x] 1..1
* extension[carers].value[x] from CarersOfTwoSet (required)
* extension[reason].value[x] only string
* extension[reason].value[x] 1..1

Extension: FamilyCare
Id: family-care
Title: "家庭照护"
Context: CarePlan
* insert Ours
* extension contains
    carer 1..1 and
    minutes-per-week 1..1 and
    item 0..*
* extension[carer].value[x] only Reference(RelatedPerson)
* extension[carer].value[x] 1..1
* extension[minutes-per-week].value[x] only positiveInt
* extension[minutes-per-week].value[x] 1..1
* extension[item].value[x] only code
* extension[item].value[x] 1..1

Extension: MergedInto
Id: merged-into
Title: "并入的任务"
Context: CarePlan.activity.detail
* insert Ours
* extension contains
    group 1..1 and
    programme 1..1 and
    rule 1..1
* extension[group].value[x] only string
* extension[group].value[x] 1..1
* extension[programme].value[x] only code
* extension[programme].value[x] 1..1
* extension[programme].value[x] from ProgrammeSet (required)
* extension[rule].value[x] only string
* extension[rule].value[x] 1..1

Extension: VisitSpacing
Id: visit-spacing
Title: "两次上门最少间隔天数"
Context: CarePlan.activity.detail.scheduled[x]
* insert Ours
* value[x] only positiveInt
* value[x] 1..1

Extension: Holidays
Id: holidays
Title: "节假日安排"
Context: CarePlan.activity.detail.scheduled[x]
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from HolidayRuleSet (required)

Extension: MakeUpWorkdays
Id: make-up-workdays
Title: "调休工作日也上门"
Context: CarePlan.activity.detail.scheduled[x]
* insert Ours
* value[x] only boolean
* value[x] 1..1

Extension: VisitAnchor
Id: visit-anchor
Title: "上门间隔的起算日"
Context: CarePlan.activity.detail.scheduled[x]
* insert Ours
* value[x] only date
* value[x] 1..1

Extension: PerformerLanguage
Id: performer-language
Title: "希望的语言或方言"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only code
* value[x] 1..1

Extension: PerformerGender
Id: performer-gender
Title: "希望的人员性别"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from http://hl7.org/fhir/ValueSet/administrative-gender (required)

Extension: ReferralResumes
Id: referral-resumes
Title: "暂停前的状态"
Context: Task
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from ReferralStateSet (required)

Extension: NoteKind
Id: note-kind
Title: "留言种类"
Context: Annotation
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from ReferralNoteSet (required)

Extension: ReceiverChoice
Id: receiver-choice
Title: "接收机构的选择"
Context: ServiceRequest
* insert Ours
* extension contains
    considered 0..* and
    chosen 1..1 and
    by 0..1
* extension[considered].value[x] only Reference(Organization)
* extension[considered].value[x] 1..1
* extension[chosen].value[x] only Reference(Organization)
* extension[chosen].value[x] 1..1
* extension[by].value[x] only string
* extension[by].value[x] 1..1

Extension: IssueFingerprint
Id: issue-fingerprint
Title: "问题指纹"
Context: DetectedIssue
* insert Ours
* value[x] only string
* value[x] 1..1

Extension: IssueFacts
Id: issue-facts
Title: "问题事实"
Context: DetectedIssue, DetectedIssue.evidence
* insert Ours
* extension 1..*
* extension.value[x] only integer or string
* extension.value[x] 1..1
* value[x] 0..0

Extension: Datum
Id: datum
Title: "坐标系"
Context: Address
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from PositionDatumSet (required)
