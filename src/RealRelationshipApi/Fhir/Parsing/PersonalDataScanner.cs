using System.Collections;

using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Finds data that could identify a person, and free text. Both are rejected and never stored or logged. Labels of a form (item texts,
/// displays of codes) are ignored.</summary>
internal static class PersonalDataScanner
{
    // Elements of a Patient or Encounter that carry keys only.
    private static readonly string[] s_allowedPatientElements = ["id", "meta", "language", "extension", "identifier", "active", "gender", "generalPractitioner",
        "managingOrganization"];
    private static readonly string[] s_allowedPractitionerElements = ["id", "meta", "language", "extension", "identifier", "active", "practitioner",
        "organization", "code", "specialty"];

    private static readonly string[] s_labels =
    [
        "http://hl7.org/fhir/StructureDefinition/translation", "http://hl7.org/fhir/StructureDefinition/questionnaire-optionPrefix",
        "http://hl7.org/fhir/StructureDefinition/display", "http://hl7.org/fhir/StructureDefinition/rendering-markdown",
        "http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
    ];

    private static readonly string[] s_droppable = ["text", "note", "name", "display", "telecom", "address", "birthDate", "photo", "contact"];

    public static IEnumerable<FieldError> Scan(Resource resource, string at) => resource switch
    {
        // Questionnaires contain no patient data.
        Questionnaire => [],
        Patient => ScanDisallowedElements(resource, at, s_allowedPatientElements).Concat(ScanElement(resource, at)),
        Practitioner or PractitionerRole => ScanDisallowedElements(resource, at, s_allowedPractitionerElements).Concat(ScanElement(resource, at)),
        _ => ScanElement(resource, at),
    };

    private static IEnumerable<FieldError> ScanDisallowedElements(Resource resource, string at, string[] allowed) => resource.EnumerateElements()
        .Where(e => !allowed.Contains(e.Key) && Classify(e.Key, e.Value, resource) is null)
        .Select(e => new FieldError($"{at}.{e.Key}", FhirErrorCodes.PersonalData, "is not taken: of a person only identifiers"));

    private static IEnumerable<FieldError> ScanElement(Base element, string at)
    {
        foreach (var (name, value) in element.EnumerateElements())
        {
            if (Classify(name, value, element) is { } finding)
            {
                yield return new($"{at}.{name}", finding.Code, finding.Detail);
                continue;
            }

            foreach (var (inner, place) in Children(name, value).Where(c => !IsLabel(name, c.Element, element)))
            {
                foreach (var found in ScanElement(inner, $"{at}.{place}"))
                {
                    yield return found;
                }
            }
        }
    }

    // Item texts, displays of codes, the name of a form, and their translations.
    private static bool IsLabel(string name, Base value, Base parent) => (name, parent) switch
    {
        ("text", QuestionnaireResponse.ItemComponent or CodeableConcept) or ("display", Coding) or ("questionnaire", QuestionnaireResponse) => true,
        ("extension", QuestionnaireResponse.ItemComponent or CodeableConcept or Coding) => value is Extension { Url: { } url } && s_labels.Contains(url),
        _ => false,
    };

    private static IEnumerable<(Base Element, string Place)> Children(string name, object value) => value switch
    {
        Base one => [(one, name)],
        IEnumerable many => many.OfType<Base>().Select((one, i) => (one, $"{name}[{i}]")),
        _ => [],
    };

    /// <summary>Whether <c>Prefer: handling=lenient</c> drops the element instead of rejecting the resource.</summary>
    /// <param name="path">FHIRPath below the resource.</param>
    public static bool IsDroppable(string path) => path.Split('.').Any(part => s_droppable.Contains(part.Split('[')[0]));

    private static bool IsNumeric(object value) => value is FhirString { Value: { } text } && NumericValueReader.ParseNumber(text) is not null;

    private static (string Code, string Detail)? Classify(string name, object value, Base parent) => (name, value) switch
    {
        ("contained", _) => (FhirErrorCodes.Contained, "is not taken: no resource inside another one"),
        ("modifierExtension" or "implicitRules", _) => (FhirErrorCodes.Modifier, "would change the meaning of the resource in a way that is not known here"),
        (_, Narrative) or ("note", _) => (FhirErrorCodes.FreeText, "is not taken: no text about a person"),
        ("value", FhirString) when parent is Observation or Observation.ComponentComponent or QuestionnaireResponse.AnswerComponent && IsNumeric(value) => null,
        ("value", FhirString or Markdown) when parent is Observation or Observation.ComponentComponent or QuestionnaireResponse.AnswerComponent or Extension =>
            (FhirErrorCodes.FreeText, "is not taken: no free text, numbers and codes only"),
        ("birthDate" or "deceased" or "photo" or "telecom" or "address", _) => (FhirErrorCodes.PersonalData, "is not taken: of a person only identifiers"),
        (_, HumanName or IEnumerable<HumanName> or Address or IEnumerable<Address> or ContactPoint or IEnumerable<ContactPoint> or Attachment
            or IEnumerable<Attachment> or Signature) =>
            (FhirErrorCodes.PersonalData, "is not taken: of a person only identifiers"),
        (_, Annotation or IEnumerable<Annotation>) => (FhirErrorCodes.FreeText, "is not taken: no text about a person"),
        ("display", _) when parent is ResourceReference reference && !RefersToOrganization(reference) => (FhirErrorCodes.PersonalData,
            "is not taken: it may name a person, whom the reference alone points to"),
        _ => null,
    };

    private static bool RefersToOrganization(ResourceReference reference) =>
        reference.Type == "Organization" || reference.Reference?.StartsWith("Organization/", StringComparison.Ordinal) == true;
}
