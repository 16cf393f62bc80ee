using System.Collections;

using Hl7.Fhir.Model;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>Finds what could name a person, or tell of one in words: it is refused, and neither kept nor logged. Labels of a form (texts of items, displays of codes) are passed over.</summary>
internal static class PersonalData
{
    // What stays when a person, or a visit, is only a key.
    private static readonly string[] s_ofPatient = ["id", "meta", "language", "extension", "identifier", "active", "gender", "generalPractitioner", "managingOrganization"];
    private static readonly string[] s_ofPractitioner = ["id", "meta", "language", "extension", "identifier", "active", "practitioner", "organization", "code", "specialty"];

    public static IEnumerable<FieldError> Faults(Resource resource, string at) => resource switch
    {
        // A form tells nothing of whom it was given to.
        Questionnaire => [],
        Patient => Besides(resource, at, s_ofPatient).Concat(Within(resource, at)),
        Practitioner or PractitionerRole => Besides(resource, at, s_ofPractitioner).Concat(Within(resource, at)),
        _ => Within(resource, at),
    };

    private static IEnumerable<FieldError> Besides(Resource resource, string at, string[] allowed) => resource.EnumerateElements().Where(e => !allowed.Contains(e.Key) && FaultOf(e.Key, e.Value, resource) is null)
        .Select(e => new FieldError($"{at}.{e.Key}", FhirFaults.PersonalData, "is not taken: of a person only identifiers"));

    private static IEnumerable<FieldError> Within(Base element, string at)
    {
        foreach (var (name, value) in element.EnumerateElements())
        {
            if (FaultOf(name, value, element) is { } fault)
            {
                yield return new($"{at}.{name}", fault.Code, fault.Detail);
                continue;
            }

            foreach (var (inner, place) in Children(name, value))
            {
                foreach (var found in Within(inner, $"{at}.{place}"))
                {
                    yield return found;
                }
            }
        }
    }

    private static IEnumerable<(Base Element, string Place)> Children(string name, object value) => value switch
    {
        Base one => [(one, name)],
        IEnumerable many => many.OfType<Base>().Select((one, i) => (one, $"{name}[{i}]")),
        _ => [],
    };

    private static (string Code, string Detail)? FaultOf(string name, object value, Base parent) => (name, value) switch
    {
        ("contained", _) => (FhirFaults.Contained, "is not taken: no resource inside another one"),
        ("modifierExtension" or "implicitRules", _) => (FhirFaults.Modifier, "would change the meaning of the resource in a way that is not known here"),
        (_, Narrative) or ("note", _) => (FhirFaults.FreeText, "is not taken: no text about a person"),
        ("value", FhirString or Markdown) when parent is Observation or Observation.ComponentComponent or QuestionnaireResponse.AnswerComponent or Extension =>
            (FhirFaults.FreeText, "is not taken: no free text, numbers and codes only"),
        ("birthDate" or "deceased" or "photo" or "telecom" or "address", _) => (FhirFaults.PersonalData, "is not taken: of a person only identifiers"),
        (_, HumanName or IEnumerable<HumanName> or Address or IEnumerable<Address> or ContactPoint or IEnumerable<ContactPoint> or Attachment or IEnumerable<Attachment> or Signature) =>
            (FhirFaults.PersonalData, "is not taken: of a person only identifiers"),
        (_, Annotation or IEnumerable<Annotation>) => (FhirFaults.FreeText, "is not taken: no text about a person"),
        ("display", _) when parent is ResourceReference reference && !IsOfOrganization(reference) => (FhirFaults.PersonalData, "is not taken: it may name a person, whom the reference alone points to"),
        _ => null,
    };

    private static bool IsOfOrganization(ResourceReference reference) =>
        reference.Type == "Organization" || reference.Reference?.StartsWith("Organization/", StringComparison.Ordinal) == true;
}
