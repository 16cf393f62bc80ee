namespace RealRelationshipApi.Fhir;

/// <summary>Example resources for Swagger UI; each is accepted.</summary>
internal static class FhirExamples
{
    public const string Observation = """
        {
          "resourceType": "Observation", "meta": { "source": "openemr-prod", "versionId": "1" },
          "identifier": [ { "value": "obs-fhir-1" } ], "status": "final",
          "code": { "coding": [ { "system": "urn:realrelationship:instruments", "code": "rri-c-sf" } ] },
          "subject": { "reference": "Patient/p-83f2" }, "encounter": { "reference": "Encounter/enc-994" },
          "performer": [ { "reference": "Patient/p-83f2" }, { "reference": "Practitioner/t-11" } ],
          "effectiveDateTime": "2026-03-22T10:00:00+01:00",
          "valueQuantity": { "value": 4.2, "system": "http://unitsofmeasure.org", "code": "{mean}" }
        }
        """;

    public const string QuestionnaireResponse = """
        {
          "resourceType": "QuestionnaireResponse", "meta": { "source": "openemr-prod", "versionId": "1" },
          "identifier": { "value": "response-1" }, "status": "completed", "questionnaire": "http://loinc.org/q/69737-5",
          "subject": { "reference": "Patient/p-83f2" }, "encounter": { "reference": "Encounter/enc-994" },
          "source": { "reference": "Patient/p-83f2" }, "author": { "reference": "Practitioner/t-11" },
          "authored": "2026-03-22T09:50:00+01:00",
          "item": [
            { "linkId": "/69725-0", "answer": [ { "valueCoding": { "system": "http://loinc.org", "code": "LA6569-3" } } ] },
            { "linkId": "/68509-9", "answer": [ { "valueCoding": { "system": "http://loinc.org", "code": "LA6568-5" } } ] },
            { "linkId": "/69733-4", "answer": [ { "valueCoding": { "system": "http://loinc.org", "code": "LA6570-1" } } ] },
            { "linkId": "/69734-2", "answer": [ { "valueCoding": { "system": "http://loinc.org", "code": "LA6569-3" } } ] },
            { "linkId": "/69735-9", "answer": [ { "valueInteger": 0 } ] },
            { "linkId": "/69689-8", "answer": [ { "valueInteger": 1 } ] },
            { "linkId": "/69736-7", "answer": [ { "valueInteger": 0 } ] },
            { "linkId": "/70274-6", "answer": [ { "valueDecimal": 5 } ] }
          ]
        }
        """;

    public const string Transaction = """
        {
          "resourceType": "Bundle", "type": "transaction", "meta": { "source": "openemr-prod" },
          "entry": [
            {
              "fullUrl": "urn:uuid:6f1c0d0e-7a35-4b0a-9a52-2f1f6f4d8a01",
              "resource": {
                "resourceType": "QuestionnaireResponse", "identifier": { "value": "response-2" }, "status": "completed",
                "questionnaire": "https://ehr.example.org/Questionnaire/ors",
                "subject": { "reference": "Patient/p-83f2" }, "encounter": { "reference": "Encounter/enc-995" },
                "source": { "reference": "Patient/p-83f2" }, "authored": "2026-03-29T10:00:00+02:00",
                "item": [
                  { "linkId": "q1", "answer": [ { "valueDecimal": 7.1 } ] }, { "linkId": "q2", "answer": [ { "valueDecimal": 6.0 } ] },
                  { "linkId": "q3", "answer": [ { "valueDecimal": 8.2 } ] }, { "linkId": "q4", "answer": [ { "valueDecimal": 7.7 } ] }
                ]
              },
              "request": { "method": "POST", "url": "QuestionnaireResponse" }
            },
            {
              "resource": {
                "resourceType": "Observation", "identifier": [ { "value": "obs-fhir-2" } ], "status": "final",
                "code": { "coding": [ { "system": "urn:realrelationship:instruments", "code": "ors" } ] },
                "subject": { "reference": "Patient/p-83f2" }, "encounter": { "reference": "Encounter/enc-995" },
                "performer": [ { "reference": "Patient/p-83f2" } ], "effectiveDateTime": "2026-03-29T10:00:00+02:00",
                "valueQuantity": { "value": 29.0 },
                "derivedFrom": [ { "reference": "urn:uuid:6f1c0d0e-7a35-4b0a-9a52-2f1f6f4d8a01" } ]
              },
              "request": { "method": "POST", "url": "Observation" }
            }
          ]
        }
        """;
}
