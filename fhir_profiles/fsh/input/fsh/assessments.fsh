RuleSet: Interview
* insert Ours
* questionnaire 1..1
* subject 1..1
* subject only Reference(Patient)
* authored 1..1
* obeys answered

Invariant: answered
Description: "A finished assessment has answers."
Severity: #error
Expression: "status in ('completed' | 'amended') implies item.exists()"

Profile: Ltc37Response
Parent: QuestionnaireResponse
Id: ltc37-response
Title: "长期护理失能等级评估"
Description: "Answers of an LTC37 assessment."
* insert Interview
* obeys ltc37-instrument

Invariant: ltc37-instrument
Description: "The answers are those of LTC37, or of the interview that contains it."
Severity: #error
Expression: "questionnaire.matches('/Questionnaire/(ltc37|interview)([|].*)?$')"

Profile: Gb42195Response
Parent: QuestionnaireResponse
Id: gb42195-response
Title: "老年人能力评估"
Description: "Answers of a GB/T 42195 assessment."
* insert Interview
* obeys gb42195-instrument

Invariant: gb42195-instrument
Description: "The answers are those of GB/T 42195, or of the interview that contains it."
Severity: #error
Expression: "questionnaire.matches('/Questionnaire/(gb42195|interview)([|].*)?$')"

Profile: InstrumentQuestionnaire
Parent: Questionnaire
Id: instrument-questionnaire
Title: "评估问卷"
Description: "An instrument of assessment: every item has a text and a code of its own."
* insert Ours
* url 1..1
* version 1..1
* title 1..1
* subjectType 1..1
* subjectType = #Patient
* item 1..*
* item.text 1..1
