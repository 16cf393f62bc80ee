using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>
/// Turns a resource into what is stored of it:
/// <code>
/// 1  search it for what names a person          refused
/// 2  read it into a session's measure           ObservationReader, ResponseReader
/// 3  check, score and pseudonymise the measure  SessionIntake, as for /sessions
/// 4  say every fault in the resource's own names
/// </code>
/// </summary>
internal sealed class EntryReader(SessionIntake intake, InstrumentSet instruments, string tenant)
{
    // What an entry may point to beside what is stored.
    private static readonly string[] s_context = ["Patient", "Practitioner", "PractitionerRole", "Encounter", "EpisodeOfCare", "Questionnaire"];

    /// <param name="resource">The resource.</param>
    /// <param name="at">FHIRPath of it.</param>
    /// <param name="neighbours">What came with it.</param>
    /// <param name="ifNoneExist">The search of a conditional create; null for another one.</param>
    /// <param name="ifNoneExistPlace">Where the search stands.</param>
    public Entry Read(Resource resource, string at, Neighbours neighbours, string? ifNoneExist, string ifNoneExistPlace)
    {
        var reading = new Reading(at, neighbours, instruments);
        reading.Refuse(PersonalData.Faults(resource, at));
        SessionRequest? request;
        switch (resource)
        {
            case Observation observation:
                request = ObservationReader.Read(reading, observation);
                CheckCondition(reading, ifNoneExist, observation.Identifier, ifNoneExistPlace);
                break;
            case QuestionnaireResponse response:
                request = ResponseReader.Read(reading, response);
                CheckCondition(reading, ifNoneExist, response.Identifier is { } own ? [own] : [], ifNoneExistPlace);
                break;
            default:
                return s_context.Contains(resource.TypeName) && reading.Faults.Count == 0 ? new(at, [])
                    : Entry.Refused(at, s_context.Contains(resource.TypeName) ? reading.Faults
                        : [new(at, FhirFaults.NotSupported, $"is not taken: only Observation and QuestionnaireResponse, and in a bundle what they point to ({string.Join(", ", s_context)})")]);
        }

        return request is null ? Entry.Refused(at, reading.Faults) : Prepare(reading, request, isConditional: ifNoneExist is not null);
    }

    private Entry Prepare(Reading reading, SessionRequest request, bool isConditional)
    {
        var prepared = intake.Prepare(request, instruments, tenant);
        var found = prepared.Faults.Concat(prepared.Measures.SelectMany(m => m.Faults)).Select(reading.InSendersNames).ToList();
        // One fault of an element is enough where its reader has found it already.
        FieldError[] faults = [.. reading.Faults.Concat(found.Where(f => !reading.Faults.Any(known => IsAtOrWithin(known.Pointer, f.Pointer)))).Distinct()];
        var measure = request.Measures[0];
        return faults.Length > 0 ? Entry.Refused(reading.At, faults) : new(reading.At, [])
        {
            Session = prepared with { Measures = [.. prepared.Measures.Select(m => m with { IfNoneExists = isConditional })] },
            Version = measure.Version, IsCopy = measure.Administration?.IsCopy == true, Reading = reading,
        };
    }

    private static bool IsAtOrWithin(string place, string other) =>
        place.StartsWith(other, StringComparison.Ordinal) && (place.Length == other.Length || place[other.Length] is '.' or '[');

    private static void CheckCondition(Reading reading, string? search, List<Identifier> identifiers, string place)
    {
        if (search is null)
        {
            return;
        }

        if (Naming.IdentifierSearch(search) is not { } searched)
        {
            reading.Refuse(place, FhirFaults.NotSupported, "may search by identifier=system|value only");
        }
        else if (!identifiers.Exists(i => i.Value == searched.Value && (searched.System is null || i.System == searched.System)) || identifiers.Find(i => i.Value is not null)?.Value != searched.Value)
        {
            reading.Refuse(place, FhirFaults.NotSupported, "must search for the first identifier of the resource itself");
        }
    }
}
