using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>
/// Converts a resource to the measure that is stored:
/// <code>
/// 1  reject personal data                       PersonalDataScanner
/// 2  map it to a session's measure              ObservationReader, QuestionnaireResponseReader
/// 3  validate, score and pseudonymise it        SessionIngestion, as for /sessions
/// 4  report every error by FHIRPath
/// </code>
/// </summary>
internal sealed class EntryReader(SessionIngestion ingestion, IntakeContext intake, DateTimeOffset receivedAt, bool isLenient)
{
    // Resources about no patient that senders add to bundles: not read.
    private static readonly string[] s_ignoredTypes = ["Organization", "Device", "Provenance", "Location", "HealthcareService", "OperationOutcome", "Endpoint",
        "AuditEvent"];

    private const string NotTaken = "is not taken: only Observation and QuestionnaireResponse, and in a bundle what they point to ";

    // Stored resources may reference these; they are not stored themselves.
    private static readonly string[] s_referenceOnlyTypes = ["Patient", "Practitioner", "PractitionerRole", "Encounter", "EpisodeOfCare", "Questionnaire"];

    /// <summary>Whether resources of a type are measures, which are stored version by version.</summary>
    public static bool IsStored(string type) => type is nameof(Observation) or nameof(QuestionnaireResponse);

    /// <param name="resource">The resource.</param>
    /// <param name="at">FHIRPath of the resource.</param>
    /// <param name="bundleContext">The other resources of the bundle.</param>
    /// <param name="ifNoneExist">The search of a conditional create; null when the create is unconditional.</param>
    /// <param name="ifNoneExistPlace">Where the search is in the request, for errors.</param>
    public PreparedEntry Read(Resource resource, string at, BundleContext bundleContext, string? ifNoneExist, string ifNoneExistPlace)
    {
        if (s_ignoredTypes.Contains(resource.TypeName))
        {
            return new(at, []) { IsIgnored = true };
        }

        var reading = new ResourceReading(at, bundleContext, intake, receivedAt) { IsLenient = isLenient };
        var found = PersonalDataScanner.Scan(resource, at).ToLookup(e => isLenient && PersonalDataScanner.IsDroppable(e.Pointer[at.Length..]));
        string[] dropped = [.. found[true].Select(e => e.Pointer)];
        reading.AddError(found[false]);
        SessionRequest? request;
        switch (resource)
        {
            case Observation observation when isLenient && ObservationReader.IsNoScore(reading, observation):
                return new(at, []) { IsIgnored = true };
            case Observation observation:
                request = ObservationReader.Read(reading, observation);
                ValidateIfNoneExist(reading, ifNoneExist, resource.TypeName, observation.Identifier, ifNoneExistPlace);
                break;
            case QuestionnaireResponse response:
                request = QuestionnaireResponseReader.Read(reading, response);
                ValidateIfNoneExist(reading, ifNoneExist, resource.TypeName, response.Identifier is { } own ? [own] : [], ifNoneExistPlace);
                break;
            case Encounter encounter when reading.Errors.Count == 0 && EncounterReader.Read(reading, encounter) is { } read:
                return new(at, [])
                {
                    Dropped = dropped, Session = SessionIngestion.PrepareEncounter(read.Session, read.Keys, read.Version, intake), Reading = reading,
                    IsEncounter = true,
                };
            case var other when s_referenceOnlyTypes.Contains(other.TypeName):
                return reading.Errors.Count == 0 ? new(at, []) { Dropped = dropped } : PreparedEntry.Rejected(at, reading.Errors);
            default:
                return isLenient ? new(at, []) { IsIgnored = true }
                    : PreparedEntry.Rejected(at, [new(at, FhirErrorCodes.NotSupported, $"{NotTaken}({string.Join(", ", s_referenceOnlyTypes)})")]);
        }

        return request is null ? PreparedEntry.Rejected(at, reading.Errors)
            : Prepare(reading, request with { IsDay = reading.IsDay, IsSourceDerived = reading.IsSourceDerived }, isConditional: ifNoneExist is not null) with
            {
                Dropped = [.. dropped, .. reading.Dropped],
            };
    }

    private PreparedEntry Prepare(ResourceReading reading, SessionRequest request, bool isConditional)
    {
        request = request with { Measures = [.. request.Measures.Select(m => m with { IsVersionedByReceipt = reading.IsVersionedByReceipt })] };
        var prepared = ingestion.Prepare(request, intake);
        // A scoring error rejects a new version only, which the store knows; with other errors it is reported at once.
        var rejections = reading.Errors.Count > 0 ? prepared.Measures.SelectMany(m => m.Measure?.Rejection ?? []) : [];
        // The rater of an unknown instrument is unknown, too.
        var found = prepared.Errors.Concat(prepared.Measures.SelectMany(m => m.Errors)).Concat(rejections)
            .Where(e => request.Measures[0].Instrument is not null || e.Pointer != "#/measures/0/rater").Select(reading.ToFhirPath).ToList();
        // Reports one error per element.
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

    private static void ValidateIfNoneExist(ResourceReading reading, string? ifNoneExist, string type, List<Identifier> identifiers, string place)
    {
        if (ifNoneExist is null)
        {
            return;
        }

        if (ReferenceResolver.ParseIdentifierSearch(ifNoneExist, type) is not { } searched)
        {
            reading.AddError(place, FhirErrorCodes.NotSupported, "may search by identifier=system|value only");
        }
        else if (!identifiers.Exists(i => i.Value == searched.Value && (searched.System is null || i.System == searched.System)))
        {
            reading.AddError(place, FhirErrorCodes.NotSupported, "must search for an identifier of the resource itself");
        }
    }
}
