// Code lists. The display is Chinese; English stands beside it as a designation.

RuleSet: List
* ^status = #active
* ^language = #zh-CN
* ^experimental = false
* ^caseSensitive = true

RuleSet: English(code, text)
* #{code} ^designation[0].language = #en
* #{code} ^designation[0].value = "{text}"

RuleSet: Set
* ^status = #active
* ^experimental = false

CodeSystem: BedKind
Id: bed-kind
Title: "床位种类"
Description: "Kinds of bed at home."
* insert List
* #home-hospital-bed "家庭病床"
* #family-bed "家庭养老床位"
* insert English(home-hospital-bed, home hospital bed)
* insert English(family-bed, family bed)

ValueSet: BedKindSet
Id: bed-kind
Title: "床位种类"
* insert Set
* include codes from system BedKind

CodeSystem: Programme
Id: programme
Title: "服务项目来源"
Description: "Who orders and pays for a service."
* insert List
* #home-hospital-bed "家庭病床"
* #family-bed "家庭养老床位"
* #ltci "长期护理保险"
* #station "社区养老服务"
* #nurse-visit "护士上门"
* #public-health "公共卫生"
* insert English(home-hospital-bed, home hospital bed)
* insert English(family-bed, family bed)
* insert English(ltci, long-term care insurance)
* insert English(station, community care station)
* insert English(nurse-visit, nurse home visit)
* insert English(public-health, public health)

ValueSet: ProgrammeSet
Id: programme
Title: "服务项目来源"
* insert Set
* include codes from system Programme

CodeSystem: PlanCategory
Id: plan-category
Title: "计划种类"
Description: "The whole plan of a person, or the part of one programme."
* insert List
* #integrated "医养整合照护计划"
* #programme "分项计划"
* insert English(integrated, integrated care plan)
* insert English(programme, part plan of one programme)

ValueSet: PlanCategorySet
Id: plan-category
Title: "计划种类"
* insert Set
* include codes from system PlanCategory

CodeSystem: StaffRole
Id: staff-role
Title: "人员岗位"
Description: "What a bookable person works as."
* insert List
* #doctor "医生"
* #nurse "护士"
* #caregiver "养老护理员"
* insert English(doctor, doctor)
* insert English(nurse, nurse)
* insert English(caregiver, caregiver)

ValueSet: StaffRoleSet
Id: staff-role
Title: "人员岗位"
* insert Set
* include codes from system StaffRole

CodeSystem: Licence
Id: licence
Title: "执业资格"
Description: "What a person is licensed to do."
* insert List
* #doctor "医师执业证"
* #nurse "护士执业证"
* #caregiver-medical "医疗护理员"
* #caregiver "养老护理员"
* insert English(doctor, doctor)
* insert English(nurse, nurse)
* insert English(caregiver-medical, medical caregiver)
* insert English(caregiver, caregiver)

ValueSet: LicenceSet
Id: licence
Title: "执业资格"
* insert Set
* include codes from system Licence

CodeSystem: PerformerLevel
Id: performer-level
Title: "服务等级"
Description: "Least qualification that a service asks for; N may do what C+ and C may."
* insert List
* #C "养老护理员"
* #C+ "医疗护理员"
* #N "护士"
* #D "医生"
* insert English(C, caregiver)
* insert English(C+, medical caregiver)
* insert English(N, nurse)
* insert English(D, doctor)

ValueSet: PerformerLevelSet
Id: performer-level
Title: "服务等级"
* insert Set
* include codes from system PerformerLevel

CodeSystem: Payer
Id: payer
Title: "支付方"
Description: "Who pays for care."
* insert List
* #medical "基本医疗保险"
* #ltci "长期护理保险"
* #subsidy "民政补贴"
* #public "公共服务"
* #self "自费"
* insert English(medical, basic medical insurance)
* insert English(ltci, long-term care insurance)
* insert English(subsidy, civil affairs subsidy)
* insert English(public, public service)
* insert English(self, self-pay)

ValueSet: PayerSet
Id: payer
Title: "支付方"
* insert Set
* include codes from system Payer

CodeSystem: ReferralDirection
Id: referral-direction
Title: "转诊方向"
Description: "Which way a person is referred."
* insert List
* #down "下转"
* #up "上转"
* #handover "转介"
* insert English(down, down to the community)
* insert English(up, up to a hospital)
* insert English(handover, handed over between providers)

ValueSet: ReferralDirectionSet
Id: referral-direction
Title: "转诊方向"
* insert Set
* include codes from system ReferralDirection

CodeSystem: OrganizationKind
Id: organization-kind
Title: "机构种类"
Description: "Kinds of organisation in a street."
* insert List
* #street "街道"
* #health-centre "社区卫生服务中心"
* #care-station "养老服务站"
* #hospital "医院"
* insert English(street, street office)
* insert English(health-centre, community health centre)
* insert English(care-station, care station)
* insert English(hospital, hospital)

ValueSet: OrganizationKindSet
Id: organization-kind
Title: "机构种类"
* insert Set
* include codes from system OrganizationKind

CodeSystem: AssessmentScale
Id: assessment-scale
Title: "评估量表"
Description: "Scales of assessment; their levels are never compared."
* insert List
* #LTC37 "长期护理失能等级"
* #GB42195 "老年人能力评估"
* #SH_LTC "上海市老年照护统一需求评估"
* insert English(LTC37, long-term care disability level)
* insert English(GB42195, ability of older persons)
* insert English(SH_LTC, unified assessment of Shanghai)

ValueSet: AssessmentScaleSet
Id: assessment-scale
Title: "评估量表"
* insert Set
* include codes from system AssessmentScale

CodeSystem: TravelMode
Id: travel-mode
Title: "出行方式"
Description: "How a person gets from visit to visit."
* insert List
* #walk "步行"
* #e-bike "电动自行车"
* insert English(walk, on foot)
* insert English(e-bike, by e-bike)

ValueSet: TravelModeSet
Id: travel-mode
Title: "出行方式"
* insert Set
* include codes from system TravelMode
