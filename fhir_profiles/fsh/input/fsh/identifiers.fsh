// Systems of identifiers of our own. Identity numbers, and whatever HL7 China names, keep their OIDs.

RuleSet: NumberSystem(id, kind, text)
* name = "{id}"
* status = #active
* kind = #{kind}
* date = "2026-11-21"
* description = "{text}"
* uniqueId.type = #uri
* uniqueId.value = "https://carecoord.example/fhir/sid/{id}"
* uniqueId.preferred = true

Instance: DivisionNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "division"
* insert NumberSystem(division, identifier, Statistics code of a street: 6 digits of GB/T 2260 and 3 of the street)

Instance: UsccNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "uscc"
* insert NumberSystem(uscc, identifier, [[Unified social credit code 统一社会信用代码 (GB 32100)]])

Instance: StaffNumberNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "staff-number"
* insert NumberSystem(staff-number, identifier, Number of a member of staff at an organisation)

Instance: LicenceNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "licence"
* insert NumberSystem(licence, identifier, Number of a licence to practise)

Instance: ArchiveNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "archive"
* insert NumberSystem(archive, identifier, Number of a health record 健康档案编号)

Instance: ReferralNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "referral"
* insert NumberSystem(referral, identifier, Number of a referral at the sender)

Instance: ReferralFillerNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "referral-filler"
* insert NumberSystem(referral-filler, identifier, Number of a referral at the receiver)

Instance: VisitNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "visit"
* insert NumberSystem(visit, identifier, A visit that was asked for on one day)

Instance: FindingNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "finding"
* insert NumberSystem(finding, identifier, A finding of the detectors)

Instance: DocumentNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "document"
* insert NumberSystem(document, identifier, A document Bundle made here)

Instance: AssessmentNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "assessment"
* insert NumberSystem(assessment, identifier, An assessment at its assessing organisation)

Instance: ConsentNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "consent"
* insert NumberSystem(consent, identifier, A signed consent)

Instance: ClaimNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "claim"
* insert NumberSystem(claim, identifier, A claim at its provider)

Instance: HomeNumber
InstanceOf: NamingSystem
Usage: #definition
* id = "home"
* insert NumberSystem(home, identifier, The home of a person as a place where visits are made)
