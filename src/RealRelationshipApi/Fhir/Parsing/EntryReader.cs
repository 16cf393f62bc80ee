using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>
/// Turns a resource into what is stored of it:
/// <code>
/// 1  search it for what names a person          refused
/// 2  read it into a session's measure           ObservationReader, QuestionnaireResponseReader
/// 3  check, score and pseudonymise the measure  SessionIngestion, as for /sessions
/// 4  say every fault in the resource's own names
/// </code>
/// </summary>
internal sealed class EntryReader(SessionIngestion intake, InstrumentSet instruments, string tenant)
{
    // What an entry may point to beside what is stored.
    private static readonly string[] s_referenceOnlyTypes = ["Patient", "Practitioner", "PractitionerRole", "Encounter", "EpisodeOfCare", "Questionnaire"];

    /// <param name="resource">The resource.</param>
    /// <param name="at">FHIRPath of it.</param>
    /// <param name="bundleContext">What came with it.</param>
    /// <param name="ifNoneExist">The search of a conditional create; null for another one.</param>
    /// <param name="ifNoneExistPlace">Where the search stands.</param>
    public PreparedEntry Read(Resource resource, string at, BundleContext bundleContext, string? ifNoneExist, string ifNoneExistPlace)
    {
        var reading = new ResourceReading(at, bundleContext, instruments);
        reading.AddError(PersonalDataScanner.Scan(resource, at));
        SessionRequest? request;
        switch (resource)
        {
            case Observation observation:
                request = ObservationReader.Read(reading, observation);
                ValidateIfNoneExist(reading, ifNoneExist, observation.Identifier, ifNoneExistPlace);
                break;
            case QuestionnaireResponse response:
                request = QuestionnaireResponseReader.Read(reading, response);
                ValidateIfNoneExist(reading, ifNoneExist, response.Identifier is { } own ? [own] : [], ifNoneExistPlace);
                break;
            default:
                return s_referenceOnlyTypes.Contains(resource.TypeName) && reading.Errors.Count == 0 ? new(at, [])
                    : PreparedEntry.Rejected(at, s_referenceOnlyTypes.Contains(resource.TypeName) ? reading.Errors
                        : [new(at, FhirErrorCodes.NotSupported,
                            "is not taken: only Observation and QuestionnaireResponse, and in a bundle what they point to "
                                + $"({string.Join(", ", s_referenceOnlyTypes)})")]);
        }

        return request is null ? PreparedEntry.Rejected(at, reading.Errors) : Prepare(reading, request, isConditional: ifNoneExist is not null);
    }

    private PreparedEntry Prepare(ResourceReading reading, SessionRequest request, bool isConditional)
    {
        var prepared = intake.Prepare(request, instruments, tenant);
        var found = prepared.Errors.Concat(prepared.Measures.SelectMany(m => m.Errors)).Select(reading.ToFhirPath).ToList();
        // One fault of an element is enough where its reader has found it already.
        FieldError[] errors = [.. reading.Errors.Concat(found.Where(f => !reading.Errors.Any(known => IsAtOrWithin(known.Pointer, f.Pointer)))).Distinct()];
        var measure = request.Measures[0];
        return errors.Length > 0 ? PreparedEntry.Rejected(reading.FhirPath, errors) : new(reading.FhirPath, [])
        {
            Session = prepared with { Measures = [.. prepared.Measures.Select(m => m with { IfNoneExists = isConditional })] },
            Version = measure.Version, IsCopy = measure.Administration?.IsCopy == true, Reading = reading,
        };
    }

    private static bool IsAtOrWithin(string place, string other) =>
        place.StartsWith(other, StringComparison.Ordinal) && (place.Length == other.Length || place[other.Length] is '.' or '[');

    private static void ValidateIfNoneExist(ResourceReading reading, string? ifNoneExist, List<Identifier> identifiers, string place)
    {
        if (ifNoneExist is null)
        {
            return;
        }

        if (ReferenceResolver.ParseIdentifierSearch(ifNoneExist) is not { } searched)
        {
            reading.AddError(place, FhirErrorCodes.NotSupported, "may search by identifier=system|value only");
        }
        else if (!identifiers.Exists(i => i.Value == searched.Value && (searched.System is null || i.System == searched.System))
            || identifiers.Find(i => i.Value is not null)?.Value != searched.Value)
        {
            reading.AddError(place, FhirErrorCodes.NotSupported, "must search for the first identifier of the resource itself");
        }
    }
}
