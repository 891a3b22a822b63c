// Code lists of the field: national standards, scales, beds, referrals, insurance, indicators.

CodeSystem: GenderGb
Id: gender
Title: "性别(GB/T 2261.1)"
Description: "Gender, GB/T 2261.1."
* insert List
* #0 "未知"
* #1 "男"
* #2 "女"
* #9 "未说明"
* insert English(0, unknown)
* insert English(1, male)
* insert English(2, female)
* insert English(9, not stated)

ValueSet: GenderGbSet
Id: gender
Title: "性别(GB/T 2261.1)"
* insert Set
* include codes from system GenderGb

CodeSystem: MaritalGb
Id: marital-status
Title: "婚姻状况(GB/T 2261.2)"
Description: "Marital status, GB/T 2261.2."
* insert List
* #10 "未婚"
* #20 "已婚"
* #30 "丧偶"
* #40 "离婚"
* #90 "未说明"
* insert English(10, never married)
* insert English(20, married)
* insert English(30, widowed)
* insert English(40, divorced)
* insert English(90, not stated)

ValueSet: MaritalGbSet
Id: marital-status
Title: "婚姻状况(GB/T 2261.2)"
* insert Set
* include codes from system MaritalGb

CodeSystem: EthnicGb
Id: ethnic-group
Title: "民族(GB/T 3304)"
Description: "Ethnic group by number, GB/T 3304; the list is from memory."
* insert List
* #01 "汉族"
* #02 "蒙古族"
* #03 "回族"
* #04 "藏族"
* #05 "维吾尔族"
* #06 "苗族"
* #07 "彝族"
* #08 "壮族"
* #09 "布依族"
* #10 "朝鲜族"
* #11 "满族"
* #12 "侗族"
* #13 "瑶族"
* #14 "白族"
* #15 "土家族"
* #16 "哈尼族"
* #17 "哈萨克族"
* #18 "傣族"
* #19 "黎族"
* #20 "傈僳族"
* #21 "佤族"
* #22 "畲族"
* #23 "高山族"
* #24 "拉祜族"
* #25 "水族"
* #26 "东乡族"
* #27 "纳西族"
* #28 "景颇族"
* #29 "柯尔克孜族"
* #30 "土族"
* #31 "达斡尔族"
* #32 "仫佬族"
* #33 "羌族"
* #34 "布朗族"
* #35 "撒拉族"
* #36 "毛南族"
* #37 "仡佬族"
* #38 "锡伯族"
* #39 "阿昌族"
* #40 "普米族"
* #41 "塔吉克族"
* #42 "怒族"
* #43 "乌孜别克族"
* #44 "俄罗斯族"
* #45 "鄂温克族"
* #46 "德昂族"
* #47 "保安族"
* #48 "裕固族"
* #49 "京族"
* #50 "塔塔尔族"
* #51 "独龙族"
* #52 "鄂伦春族"
* #53 "赫哲族"
* #54 "门巴族"
* #55 "珞巴族"
* #56 "基诺族"
* #97 "其他"
* #98 "外国血统"
* insert English(01, Han)
* insert English(02, Mongol)
* insert English(03, Hui)
* insert English(04, Zang)
* insert English(05, Uygur)
* insert English(06, Miao)
* insert English(07, Yi)
* insert English(08, Zhuang)
* insert English(09, Buyei)
* insert English(10, Chosen)
* insert English(11, Man)
* insert English(12, Dong)
* insert English(13, Yao)
* insert English(14, Bai)
* insert English(15, Tujia)
* insert English(16, Hani)
* insert English(17, Kazak)
* insert English(18, Dai)
* insert English(19, Li)
* insert English(20, Lisu)
* insert English(21, Va)
* insert English(22, She)
* insert English(23, Gaoshan)
* insert English(24, Lahu)
* insert English(25, Sui)
* insert English(26, Dongxiang)
* insert English(27, Naxi)
* insert English(28, Jingpo)
* insert English(29, Kirgiz)
* insert English(30, Tu)
* insert English(31, Daur)
* insert English(32, Mulao)
* insert English(33, Qiang)
* insert English(34, Blang)
* insert English(35, Salar)
* insert English(36, Maonan)
* insert English(37, Gelao)
* insert English(38, Xibe)
* insert English(39, Achang)
* insert English(40, Pumi)
* insert English(41, Tajik)
* insert English(42, Nu)
* insert English(43, Uzbek)
* insert English(44, Russ)
* insert English(45, Ewenki)
* insert English(46, Deang)
* insert English(47, Bonan)
* insert English(48, Yugur)
* insert English(49, Gin)
* insert English(50, Tatar)
* insert English(51, Derung)
* insert English(52, Oroqen)
* insert English(53, Hezhen)
* insert English(54, Monba)
* insert English(55, Lhoba)
* insert English(56, Jino)
* insert English(97, other)
* insert English(98, of foreign descent)

ValueSet: EthnicGbSet
Id: ethnic-group
Title: "民族(GB/T 3304)"
* insert Set
* include codes from system EthnicGb

CodeSystem: EthnicLetterGb
Id: ethnic-group-letter
Title: "民族字母代码(GB/T 3304)"
Description: "Ethnic group by letters, GB/T 3304, as HL7 China binds them; the list is from memory."
* insert List
* #HA "汉族"
* #MG "蒙古族"
* #HU "回族"
* #ZA "藏族"
* #UG "维吾尔族"
* #MH "苗族"
* #YI "彝族"
* #ZH "壮族"
* #BY "布依族"
* #CS "朝鲜族"
* #MA "满族"
* #DO "侗族"
* #YA "瑶族"
* #BA "白族"
* #TJ "土家族"
* #HN "哈尼族"
* #KZ "哈萨克族"
* #DA "傣族"
* #LI "黎族"
* #LS "傈僳族"
* #VA "佤族"
* #SH "畲族"
* #GS "高山族"
* #LH "拉祜族"
* #SU "水族"
* #DX "东乡族"
* #NX "纳西族"
* #JP "景颇族"
* #KG "柯尔克孜族"
* #TU "土族"
* #DU "达斡尔族"
* #ML "仫佬族"
* #QI "羌族"
* #BL "布朗族"
* #SL "撒拉族"
* #MN "毛南族"
* #GL "仡佬族"
* #XB "锡伯族"
* #AC "阿昌族"
* #PM "普米族"
* #TA "塔吉克族"
* #NU "怒族"
* #UZ "乌孜别克族"
* #RS "俄罗斯族"
* #EW "鄂温克族"
* #DE "德昂族"
* #BN "保安族"
* #YG "裕固族"
* #GI "京族"
* #TT "塔塔尔族"
* #DR "独龙族"
* #OR "鄂伦春族"
* #HZ "赫哲族"
* #MB "门巴族"
* #LB "珞巴族"
* #JN "基诺族"
* insert English(HA, Han)
* insert English(MG, Mongol)
* insert English(HU, Hui)
* insert English(ZA, Zang)
* insert English(UG, Uygur)
* insert English(MH, Miao)
* insert English(YI, Yi)
* insert English(ZH, Zhuang)
* insert English(BY, Buyei)
* insert English(CS, Chosen)
* insert English(MA, Man)
* insert English(DO, Dong)
* insert English(YA, Yao)
* insert English(BA, Bai)
* insert English(TJ, Tujia)
* insert English(HN, Hani)
* insert English(KZ, Kazak)
* insert English(DA, Dai)
* insert English(LI, Li)
* insert English(LS, Lisu)
* insert English(VA, Va)
* insert English(SH, She)
* insert English(GS, Gaoshan)
* insert English(LH, Lahu)
* insert English(SU, Sui)
* insert English(DX, Dongxiang)
* insert English(NX, Naxi)
* insert English(JP, Jingpo)
* insert English(KG, Kirgiz)
* insert English(TU, Tu)
* insert English(DU, Daur)
* insert English(ML, Mulao)
* insert English(QI, Qiang)
* insert English(BL, Blang)
* insert English(SL, Salar)
* insert English(MN, Maonan)
* insert English(GL, Gelao)
* insert English(XB, Xibe)
* insert English(AC, Achang)
* insert English(PM, Pumi)
* insert English(TA, Tajik)
* insert English(NU, Nu)
* insert English(UZ, Uzbek)
* insert English(RS, Russ)
* insert English(EW, Ewenki)
* insert English(DE, Deang)
* insert English(BN, Bonan)
* insert English(YG, Yugur)
* insert English(GI, Gin)
* insert English(TT, Tatar)
* insert English(DR, Derung)
* insert English(OR, Oroqen)
* insert English(HZ, Hezhen)
* insert English(MB, Monba)
* insert English(LB, Lhoba)
* insert English(JN, Jino)

ValueSet: EthnicLetterGbSet
Id: ethnic-group-letter
Title: "民族字母代码(GB/T 3304)"
* insert Set
* include codes from system EthnicLetterGb

CodeSystem: RelationGb
Id: relation
Title: "家庭关系(GB/T 4761)"
Description: "Relation within a family, GB/T 4761."
* insert List
* #01 "本人"
* #02 "户主"
* #10 "配偶"
* #11 "丈夫"
* #12 "妻子"
* #20 "子"
* #30 "女"
* #40 "孙子、孙女或外孙子、外孙女"
* #50 "父母"
* #51 "父亲"
* #52 "母亲"
* #60 "祖父母或外祖父母"
* #70 "兄弟姐妹"
* #97 "其他"
* #99 "其他亲属或非亲属"
* insert English(01, self)
* insert English(02, head of the household)
* insert English(10, spouse)
* insert English(11, husband)
* insert English(12, wife)
* insert English(20, son)
* insert English(30, daughter)
* insert English(40, grandchild)
* insert English(50, parent)
* insert English(51, father)
* insert English(52, mother)
* insert English(60, grandparent)
* insert English(70, sibling)
* insert English(97, other)
* insert English(99, other or not related)

ValueSet: RelationGbSet
Id: relation
Title: "家庭关系(GB/T 4761)"
* insert Set
* include codes from system RelationGb

CodeSystem: LevelLtc37
Id: ltc37-level
Title: "长期护理失能等级"
Description: "Levels of LTC37 (医保办发〔2021〕37号); never compared with another scale."
* insert List
* #0 "基本正常"
* #1 "轻度失能"
* #2 "中度失能"
* #3 "重度失能Ⅰ级"
* #4 "重度失能Ⅱ级"
* #5 "重度失能Ⅲ级"
* insert English(0, no disability)
* insert English(1, mild)
* insert English(2, moderate)
* insert English(3, severe I)
* insert English(4, severe II)
* insert English(5, severe III)

ValueSet: LevelLtc37Set
Id: ltc37-level
Title: "长期护理失能等级"
* insert Set
* include codes from system LevelLtc37

CodeSystem: BandLtc37
Id: ltc37-band
Title: "失能程度分档"
Description: "Bands of the three primary indicators of LTC37."
* insert List
* #0 "能力完好"
* #1 "轻度受损"
* #2 "中度受损"
* #3 "重度受损"
* insert English(0, intact)
* insert English(1, mild)
* insert English(2, moderate)
* insert English(3, severe)

ValueSet: BandLtc37Set
Id: ltc37-band
Title: "失能程度分档"
* insert Set
* include codes from system BandLtc37

CodeSystem: LevelGb42195
Id: gb42195-level
Title: "老年人能力等级"
Description: "Levels of GB/T 42195; never compared with another scale."
* insert List
* #0 "能力完好"
* #1 "能力轻度受损(轻度失能)"
* #2 "能力中度受损(中度失能)"
* #3 "能力重度受损(重度失能)"
* #4 "能力完全丧失(完全失能)"
* insert English(0, intact)
* insert English(1, mild)
* insert English(2, moderate)
* insert English(3, severe)
* insert English(4, complete)

ValueSet: LevelGb42195Set
Id: gb42195-level
Title: "老年人能力等级"
* insert Set
* include codes from system LevelGb42195

CodeSystem: LevelShanghai
Id: sh-ltc-level
Title: "上海市老年照护统一需求评估等级"
Description: "Levels 1 to 6 of Shanghai; never compared with another scale."
* insert List
* #1 "照护一级"
* #2 "照护二级"
* #3 "照护三级"
* #4 "照护四级"
* #5 "照护五级"
* #6 "照护六级"
* insert English(1, level 1)
* insert English(2, level 2)
* insert English(3, level 3)
* insert English(4, level 4)
* insert English(5, level 5)
* insert English(6, level 6)

ValueSet: LevelShanghaiSet
Id: sh-ltc-level
Title: "上海市老年照护统一需求评估等级"
* insert Set
* include codes from system LevelShanghai

CodeSystem: LinkedBedKind
Id: linked-bed-kind
Title: "五床联动床位种类"
Description: "The five kinds of bed that are linked (五床联动)."
* insert List
* #family-bed "家庭养老床位"
* #institution-bed "养老机构床位"
* #home-hospital-bed "家庭病床"
* #treatment-bed "治疗床位"
* #hospice-bed "安宁疗护床位"
* insert English(family-bed, family bed)
* insert English(institution-bed, bed of an institution)
* insert English(home-hospital-bed, home hospital bed)
* insert English(treatment-bed, treatment bed)
* insert English(hospice-bed, hospice bed)

ValueSet: LinkedBedKindSet
Id: linked-bed-kind
Title: "五床联动床位种类"
* insert Set
* include codes from system LinkedBedKind

CodeSystem: BedPart
Id: bed-part
Title: "家庭养老床位服务内容"
Description: "Parts of a family bed."
* insert List
* #contract "服务协议"
* #home_modification "适老化改造"
* #devices "智能设备"
* #visit_plan "上门计划"
* #call_response "24小时响应"
* insert English(contract, contract)
* insert English(home_modification, home modification)
* insert English(devices, devices)
* insert English(visit_plan, visit plan)
* insert English(call_response, response to calls round the clock)

ValueSet: BedPartSet
Id: bed-part
Title: "家庭养老床位服务内容"
* insert Set
* include codes from system BedPart

CodeSystem: BedDevice
Id: bed-device
Title: "家庭养老床位设备"
Description: "Devices of a family bed."
* insert List
* #sos_button "一键呼叫"
* #fall_bed_sensor "跌倒或床垫监测"
* #gas_smoke "燃气烟感"
* #door_sensor "门磁"
* insert English(sos_button, SOS button)
* insert English(fall_bed_sensor, fall or bed sensor)
* insert English(gas_smoke, gas or smoke)
* insert English(door_sensor, door sensor)

ValueSet: BedDeviceSet
Id: bed-device
Title: "家庭养老床位设备"
* insert Set
* include codes from system BedDevice

CodeSystem: BedSuspendReason
Id: bed-suspend-reason
Title: "床位暂停原因"
Description: "Why a bed at home is suspended."
* insert List
* #hospital_stay "住院"
* #away "外出"
* #family_request "家属要求"
* #unsafe_home "居家不安全"
* insert English(hospital_stay, in hospital)
* insert English(away, away)
* insert English(family_request, the family asks for it)
* insert English(unsafe_home, the home is not safe)

ValueSet: BedSuspendReasonSet
Id: bed-suspend-reason
Title: "床位暂停原因"
* insert Set
* include codes from system BedSuspendReason

CodeSystem: HomeBedCloseReason
Id: home-bed-close-reason
Title: "家庭病床撤床原因"
Description: "Why a home hospital bed is closed."
* insert List
* #improved "好转"
* #stable "稳定"
* #needs_hospital "需住院"
* #family_request "家属要求"
* #moved "迁出"
* #died "去世"
* #non_adherent "不配合"
* #cycle_end "周期结束"
* #unsafe_home "居家不安全"
* insert English(improved, improved)
* insert English(stable, stable)
* insert English(needs_hospital, needs hospital)
* insert English(family_request, the family asks for it)
* insert English(moved, moved)
* insert English(died, died)
* insert English(non_adherent, not adherent)
* insert English(cycle_end, end of the cycle)
* insert English(unsafe_home, the home is not safe)

ValueSet: HomeBedCloseReasonSet
Id: home-bed-close-reason
Title: "家庭病床撤床原因"
* insert Set
* include codes from system HomeBedCloseReason

CodeSystem: FamilyBedCloseReason
Id: family-bed-close-reason
Title: "家庭养老床位撤床情形"
Description: "When a family bed is closed."
* insert List
* #death "去世"
* #institution "入住机构"
* #move "迁出"
* #refusal "拒绝"
* #unused "长期未使用"
* insert English(death, death)
* insert English(institution, moved into an institution)
* insert English(move, moved)
* insert English(refusal, refusal)
* insert English(unused, unused)

ValueSet: FamilyBedCloseReasonSet
Id: family-bed-close-reason
Title: "家庭养老床位撤床情形"
* insert Set
* include codes from system FamilyBedCloseReason

CodeSystem: HomeBedIndication
Id: home-bed-indication
Title: "家庭病床收治对象"
Description: "Whom a home hospital bed is for."
* insert List
* #continuous_treatment "需连续治疗而不便就诊"
* #disabled "失能或部分失能"
* #stroke_recovery "卒中恢复期"
* #tumour_support "肿瘤术后或放化疗支持"
* insert English(continuous_treatment, [[needs continuous treatment, cannot move]])
* insert English(disabled, disabled or part-disabled)
* insert English(stroke_recovery, recovery from a stroke)
* insert English(tumour_support, [[after tumour surgery, or support of radio- or chemotherapy]])

ValueSet: HomeBedIndicationSet
Id: home-bed-indication
Title: "家庭病床收治对象"
* insert Set
* include codes from system HomeBedIndication

CodeSystem: ReferralCriterion
Id: referral-criterion
Title: "上转指征"
Description: "Criteria of an up-referral."
* insert List
* #U1 "血压危急并有症状"
* #U2 "血压危急无症状"
* #U3 "血糖危急并有急症"
* #U4 "血糖危急无急症"
* #U5 "连续控制不佳或并发症"
* #U6 "急性体征"
* #U7 "压疮感染或管路问题"
* #U8 "本中心无此检查或技术"
* insert English(U1, [[blood pressure critical, with symptoms]])
* insert English(U2, [[blood pressure critical, without symptoms]])
* insert English(U3, [[glucose critical, with acute signs]])
* insert English(U4, [[glucose critical, without acute signs]])
* insert English(U5, [[uncontrolled, drug reaction or complication]])
* insert English(U6, acute signs)
* insert English(U7, [[infected pressure injury, or a tube not solved at home]])
* insert English(U8, test or skill not available)

ValueSet: ReferralCriterionSet
Id: referral-criterion
Title: "上转指征"
* insert Set
* include codes from system ReferralCriterion

CodeSystem: DownCriterion
Id: down-criterion
Title: "下转条件"
Description: "Criteria of a down-referral."
* insert List
* #diagnosis_clear "诊断明确"
* #acute_phase_over "急性期已过"
* #post_operative "术后"
* #recovery "恢复期"
* #stable_chronic "慢性病稳定"
* #rehabilitation "康复"
* #long_term_nursing "长期护理"
* #end_of_life "临终"
* #consent "同意"
* #receiver_capability "接收方有能力"
* #receiver_capacity "接收方有容量"
* insert English(diagnosis_clear, diagnosis clear)
* insert English(acute_phase_over, acute phase over)
* insert English(post_operative, post-operative)
* insert English(recovery, recovery)
* insert English(stable_chronic, stable chronic)
* insert English(rehabilitation, rehabilitation)
* insert English(long_term_nursing, long-term nursing)
* insert English(end_of_life, end of life)
* insert English(consent, consent)
* insert English(receiver_capability, receiver capable)
* insert English(receiver_capacity, receiver has room)

ValueSet: DownCriterionSet
Id: down-criterion
Title: "下转条件"
* insert Set
* include codes from system DownCriterion

CodeSystem: ReferralUrgency
Id: referral-urgency
Title: "转诊缓急"
Description: "How soon a referral is answered."
* insert List
* #emergency "急诊"
* #urgent "紧急"
* #planned "择期"
* insert English(emergency, emergency)
* insert English(urgent, urgent)
* insert English(planned, planned)

ValueSet: ReferralUrgencySet
Id: referral-urgency
Title: "转诊缓急"
* insert Set
* include codes from system ReferralUrgency

CodeSystem: NurseVisitExcluded
Id: nurse-visit-excluded
Title: "护士上门负面清单"
Description: "What a nurse does not do at home."
* insert List
* #infusion "输液"
* #transfusion "输血"
* #first_dose_allergy "易过敏药物首次注射"
* #arterial_puncture "动脉穿刺"
* #invasive_placement "侵入性置管"
* #controlled_drugs "麻醉、精神、化疗药品"
* #unstable_vitals "生命体征不稳"
* #isolation_disease "需隔离疾病"
* #violence_risk "暴力风险"
* insert English(infusion, infusion)
* insert English(transfusion, transfusion)
* insert English(first_dose_allergy, first dose of allergy-prone injections)
* insert English(arterial_puncture, arterial puncture)
* insert English(invasive_placement, invasive placement)
* insert English(controlled_drugs, [[narcotic, psychotropic or chemotherapy drugs]])
* insert English(unstable_vitals, unstable vital signs)
* insert English(isolation_disease, disease under isolation)
* insert English(violence_risk, risk of violence)

ValueSet: NurseVisitExcludedSet
Id: nurse-visit-excluded
Title: "护士上门负面清单"
* insert Set
* include codes from system NurseVisitExcluded

CodeSystem: NurseVisitObject
Id: nurse-visit-object
Title: "护士上门服务对象"
Description: "Whom a nurse visits at home."
* insert List
* #discharged "出院患者"
* #limited_mobility "行动不便患者"
* #disabled "失能者"
* #rehabilitation "康复期"
* #end_of_life "终末期"
* insert English(discharged, discharged)
* insert English(limited_mobility, ill with limited mobility)
* insert English(disabled, disabled)
* insert English(rehabilitation, rehabilitation)
* insert English(end_of_life, end of life)

ValueSet: NurseVisitObjectSet
Id: nurse-visit-object
Title: "护士上门服务对象"
* insert Set
* include codes from system NurseVisitObject

CodeSystem: TwoPersonReason
Id: two-person-reason
Title: "两人上门情形"
Description: "When two go together."
* insert List
* #night "夜间"
* #unknown_home "首次上门"
* #aggression "攻击行为"
* #high_risk "风险评分高"
* insert English(night, night)
* insert English(unknown_home, unknown home on the first visit)
* insert English(aggression, aggression)
* insert English(high_risk, risk score high)

ValueSet: TwoPersonReasonSet
Id: two-person-reason
Title: "两人上门情形"
* insert Set
* include codes from system TwoPersonReason

CodeSystem: VisitEvidence
Id: visit-evidence
Title: "上门凭证"
Description: "Evidence of a visit."
* insert List
* #check_in "签到"
* #check_out "签退"
* #distance "签到距离"
* #person_confirmation "本人或家属确认"
* #item_list "服务项目清单"
* insert English(check_in, check-in)
* insert English(check_out, check-out)
* insert English(distance, distance at check-in)
* insert English(person_confirmation, confirmed by the person or family)
* insert English(item_list, list of items)

ValueSet: VisitEvidenceSet
Id: visit-evidence
Title: "上门凭证"
* insert Set
* include codes from system VisitEvidence

CodeSystem: VolunteerStar
Id: volunteer-star
Title: "志愿者星级"
Description: "Stars of the time bank."
* insert List
* #1 "一星志愿者"
* #2 "二星志愿者"
* #3 "三星志愿者"
* #4 "四星志愿者"
* #5 "五星志愿者"
* insert English(1, [[1 star, from 100 hours]])
* insert English(2, [[2 stars, from 300 hours]])
* insert English(3, [[3 stars, from 600 hours]])
* insert English(4, [[4 stars, from 1000 hours]])
* insert English(5, [[5 stars, from 1500 hours]])

ValueSet: VolunteerStarSet
Id: volunteer-star
Title: "志愿者星级"
* insert Set
* include codes from system VolunteerStar

CodeSystem: DataLevel
Id: data-level
Title: "数据级别"
Description: "Levels of health data, from public to most sensitive."
* insert List
* #1 "一级(公开)"
* #2 "二级"
* #3 "三级"
* #4 "四级"
* #5 "五级(最敏感)"
* insert English(1, [[level 1, public]])
* insert English(2, level 2)
* insert English(3, level 3)
* insert English(4, level 4)
* insert English(5, [[level 5, most sensitive]])

ValueSet: DataLevelSet
Id: data-level
Title: "数据级别"
* insert Set
* include codes from system DataLevel

CodeSystem: DataOwner
Id: data-owner
Title: "数据主管方"
Description: "Who owns which data."
* insert List
* #public-security "公安"
* #civil-affairs "民政"
* #health "卫健"
* #medical-insurance "医保"
* #human-resources "人社"
* #finance "财政"
* #street "街道"
* #device-operator "设备运营方"
* insert English(public-security, public security)
* insert English(civil-affairs, civil affairs)
* insert English(health, health)
* insert English(medical-insurance, medical insurance)
* insert English(human-resources, human resources and social security)
* insert English(finance, finance)
* insert English(street, street)
* insert English(device-operator, device operator)

ValueSet: DataOwnerSet
Id: data-owner
Title: "数据主管方"
* insert Set
* include codes from system DataOwner

CodeSystem: Indicator
Id: indicator
Title: "指标"
Description: "Indicators K1 to K16."
* insert List
* #K1 "疑似重复人员率"
* #K2 "重复评估率"
* #K3 "享受待遇而无服务"
* #K4 "有床无上门"
* #K5 "错配分"
* #K6 "重复支付"
* #K7 "转诊闭环率"
* #K8 "首次上门时间"
* #K9 "照护连续性"
* #K10 "准时率"
* #K11 "路程占比"
* #K12 "超时违规"
* #K13 "呼叫处置时间"
* #K14 "反馈答复时间"
* #K15 "单位成本"
* #K16 "老人负担"
* insert English(K1, duplicate person rate)
* insert English(K2, repeat assessment rate)
* insert English(K3, unserved entitlement)
* insert English(K4, bed without visit)
* insert English(K5, mismatch score)
* insert English(K6, double billing)
* insert English(K7, referral closed loop)
* insert English(K8, time to first visit)
* insert English(K9, continuity)
* insert English(K10, on time)
* insert English(K11, travel share)
* insert English(K12, overtime breach)
* insert English(K13, alert close time)
* insert English(K14, feedback answer time)
* insert English(K15, unit cost)
* insert English(K16, elder burden)

ValueSet: IndicatorSet
Id: indicator
Title: "指标"
* insert Set
* include codes from system Indicator

CodeSystem: Household
Id: household
Title: "居住方式"
Description: "With whom a person lives."
* insert List
* #alone "独居"
* #couple "仅与配偶"
* #children "与子女"
* #live_in_paid "住家保姆"
* #other "其他"
* insert English(alone, alone)
* insert English(couple, couple only)
* insert English(children, with children)
* insert English(live_in_paid, live-in paid carer)
* insert English(other, other)

ValueSet: HouseholdSet
Id: household
Title: "居住方式"
* insert Set
* include codes from system Household

CodeSystem: DemandClass
Id: demand-class
Title: "需求类型"
Description: "What a person needs most."
* insert List
* #health_and_social "健康与社会"
* #high_all "全面高需求"
* #care "照护"
* #social_low "社会低需求"
* insert English(health_and_social, health and social)
* insert English(high_all, high in all)
* insert English(care, care)
* insert English(social_low, [[social, low]])

ValueSet: DemandClassSet
Id: demand-class
Title: "需求类型"
* insert Set
* include codes from system DemandClass

CodeSystem: ElderFlag
Id: elder-flag
Title: "老年人特殊情况"
Description: "What the street keeps an eye on."
* insert List
* #empty_nest "空巢"
* #lives_alone "独居"
* #hardship "经济困难"
* insert English(empty_nest, empty nest)
* insert English(lives_alone, lives alone)
* insert English(hardship, economic hardship)

ValueSet: ElderFlagSet
Id: elder-flag
Title: "老年人特殊情况"
* insert Set
* include codes from system ElderFlag
