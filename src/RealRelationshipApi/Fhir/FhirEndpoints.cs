using Hl7.Fhir.Model;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Fhir.Parsing;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Refusals;

namespace RealRelationshipApi.Fhir;

/// <summary><c>/fhir</c>: session measurements as FHIR R4, into the same store as <c>/sessions</c>.</summary>
internal static class FhirEndpoints
{
    private const string PrivacyNote =
        "Persons are identified by references and identifiers only, which are stored as keyed hashes. Needs scope `sessions:write`.";

    public static IEndpointRouteBuilder MapFhir(this IEndpointRouteBuilder app)
    {
        var fhir = app.MapGroup(FhirConstants.BasePath).WithFhirParameters();

        fhir.MapPost("", PostBundle).WithTags("Submit").WithName("submitFhirBundle").WithSummary("Submit a FHIR R4 bundle")
            .WithDescription(
                "A `transaction` is atomic; the entries of a `batch` are independent. Observation and QuestionnaireResponse are stored. "
                + "An Encounter is kept as keyed hashes: scores of its session have its therapist, treatment and number, whenever they come. "
                + "Patient, Practitioner, PractitionerRole, EpisodeOfCare and Questionnaire are used to resolve references only. "
                + $"{PrivacyNote}")
            .WithFhirWrite<Bundle, Bundle>(StatusCodes.Status200OK);

        fhir.MapPost($"/{nameof(Observation)}", CreateResource<Observation>).WithTags("Submit").WithName("submitFhirObservation")
            .WithSummary("Submit a score as a FHIR R4 Observation")
            .WithDescription(
                "Accepts a total (value), the items of a form (component), or both. Returns 200 if it is already stored. A higher `meta.versionId` replaces "
                + "the stored version, `entered-in-error` withdraws it. `If-None-Exist: identifier=system|value` makes the create conditional. "
                + $"{PrivacyNote}")
            .WithFhirWrite<Observation, OperationOutcome>(StatusCodes.Status201Created, StatusCodes.Status200OK);

        fhir.MapPost($"/{nameof(QuestionnaireResponse)}", CreateResource<QuestionnaireResponse>).WithTags("Submit").WithName("submitFhirQuestionnaireResponse")
            .WithSummary("Submit a form as a FHIR R4 QuestionnaireResponse")
            .WithDescription(
                "Accepts items (identified by LOINC code or by the number at the end of the linkId), a total, or both. An Observation derived from it is not "
                + "counted again. Returns 200 if it is already stored. A higher `meta.versionId` replaces the stored version, `entered-in-error` withdraws it. "
                + $"{PrivacyNote}")
            .WithFhirWrite<QuestionnaireResponse, OperationOutcome>(StatusCodes.Status201Created, StatusCodes.Status200OK);

        fhir.MapGet("/metadata", GetCapabilities).WithTags("Look").WithName("getFhirCapabilities").WithSummary("Get the FHIR CapabilityStatement")
            .WithDescription("Describes the FHIR operations of this service. Needs no key.")
            .WithMediaTypes(FhirConstants.JsonMediaType, MediaTypes.Json).ProducesFhir<CapabilityStatement>(StatusCodes.Status200OK).ProducesFhirProblems()
            .AllowAnonymous();
        return app;
    }

    private static FhirResult GetCapabilities(EndpointDataSource endpoints, IOptions<CorsOptions> cors) =>
        new(CapabilityStatementBuilder.Build(endpoints.Endpoints.OfType<RouteEndpoint>(), cors.Value.OriginList.Count > 0));

    private static async Task<Results<FhirResult, Problem>> CreateResource<T>(HttpContext context, SessionIngestion ingestion, Idempotency idempotency,
        RefusalCounts refusals, TimeProvider clock) where T : Resource
    {
        if (CheckRelease(context.Request) is { } otherRelease)
        {
            return otherRelease;
        }

        var body = await ReadBodyAsync(context);
        var (resource, errors) = ResourceParser.Parse(body);
        if (errors.Count > 0 || resource is not T)
        {
            return await refusals.RecordAsync(context.User.Tenant(), errors.Count > 0 ? new(ProblemKind.Malformed, null, errors)
                : Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, $"must be {typeof(T).Name} here")), context.RequestAborted);
        }

        var ifNoneExist = context.Request.Headers["If-None-Exist"];
        var preferences = FhirPreferences.Apply(context);
        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var entry = new EntryReader(ingestion, intake, clock.GetUtcNow(), preferences.IsLenient)
            .Read(resource, resource.TypeName, BundleContext.Empty, ifNoneExist.Count == 0 ? null : ifNoneExist.ToString(), "http.If-None-Exist");
        var (outcomes, rejection) = await StoreAsync(context, ingestion, idempotency, body, [entry], isAtomic: false);
        return rejection is not null ? rejection
            : new FhirResult(OperationOutcomeBuilder.Build(outcomes[0]), outcomes[0].Status)
            {
                Version = outcomes[0].Version, HasBody = !preferences.IsMinimal || outcomes[0].IsRejected,
                RetryAfterSeconds = outcomes[0].Status == StatusCodes.Status429TooManyRequests ? ConflictLimit.RetryAfterSeconds(clock) : null,
            };
    }

    private static async Task<Results<FhirResult, Problem>> PostBundle(HttpContext context, SessionIngestion ingestion, Idempotency idempotency,
        RefusalCounts refusals, TimeProvider clock)
    {
        if (CheckRelease(context.Request) is { } otherRelease)
        {
            return otherRelease;
        }

        var body = await ReadBodyAsync(context);
        var (resource, errors) = ResourceParser.Parse(body);
        if (resource is not Bundle bundle || errors.Any(f => BundleReader.EntryIndexOf(f.Pointer) is null))
        {
            return await refusals.RecordAsync(context.User.Tenant(), errors.Count > 0 ? new(ProblemKind.Malformed, null, errors)
                : Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, "must be Bundle here")), context.RequestAborted);
        }

        if (ValidateBundle(bundle) is { } problem)
        {
            return await refusals.RecordAsync(context.User.Tenant(), problem, context.RequestAborted);
        }

        var preferences = FhirPreferences.Apply(context);
        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var entries = BundleReader.Read(bundle, errors, new(ingestion, intake, clock.GetUtcNow(), preferences.IsLenient));
        var isAtomic = bundle.Type == Bundle.BundleType.Transaction;
        if (isAtomic && entries.Any(e => e.Errors.Count > 0))
        {
            await refusals.RecordAsync(context.User.Tenant(), [.. entries.Where(e => e.Errors.Count > 0).Select(e => e.Errors[0].Code)],
                context.RequestAborted);
            return RejectTransaction([.. entries.Select(e => EntryOutcome.From(e, null))], clock);
        }

        var (outcomes, rejection) = await StoreAsync(context, ingestion, idempotency, body, entries, isAtomic);
        return rejection is not null ? rejection
            : isAtomic && outcomes.Any(o => o.IsRejected) ? RejectTransaction(outcomes, clock)
            : BundleResponseBuilder.Build(outcomes, isAtomic, clock.GetUtcNow());
    }

    private static Problem? ValidateBundle(Bundle bundle) =>
        bundle.Type is not (Bundle.BundleType.Transaction or Bundle.BundleType.Batch or Bundle.BundleType.Searchset or Bundle.BundleType.Collection)
            ? new Problem(ProblemKind.Invalid, null,
                [new("Bundle.type", FhirErrorCodes.NotSupported, "must be transaction or batch, or searchset or collection, which are stored as a batch")])
        : bundle.Entry.Count == 0 ? Problem.Malformed(new FieldError("Bundle.entry", ErrorCodes.Required, "is required"))
        : bundle.Entry.Count > BundleReader.MaxEntries
            ? new Problem(ProblemKind.ContentTooLarge, $"A bundle may hold {BundleReader.MaxEntries} entries at the most.")
        : null;

    private static async Task<(IReadOnlyList<EntryOutcome> Outcomes, Problem? Problem)> StoreAsync(HttpContext context, SessionIngestion ingestion,
        Idempotency idempotency, ReadOnlyMemory<byte> body, IReadOnlyList<PreparedEntry> entries, bool isAtomic)
    {
        var tenant = context.User.Tenant();
        var (idempotent, problem) = idempotency.ReadHeader(context, tenant, body.Span);
        if (problem is not null)
        {
            return ([], problem);
        }

        // Rejected entries store nothing, and are counted.
        PreparedSession[] sessions = [.. entries.Where(HasOutcome).Select(e => e.Session ?? new(e.Errors, []))];
        var (stored, keyProblem) = await ingestion.StoreOnceAsync(context, idempotent, tenant, sessions, new BatchMode(isAtomic, ValidateOnly: false));
        if (keyProblem is not null)
        {
            return ([], keyProblem);
        }

        var next = 0;
        return ([.. entries.Select(e => EntryOutcome.From(e, HasOutcome(e) ? stored![next++] : null))], null);
    }

    private static bool HasOutcome(PreparedEntry entry) => entry.Session is not null || entry.Errors.Count > 0;

    // Reports the errors of all entries with the status of the first failed one.
    private static Problem RejectTransaction(IReadOnlyList<EntryOutcome> outcomes, TimeProvider clock)
    {
        FieldError[] errors = [.. outcomes.SelectMany(o => o.Errors)];
        var status = outcomes.Any(o => o.Status == StatusCodes.Status400BadRequest) ? StatusCodes.Status400BadRequest
            : outcomes.First(o => o.IsRejected && o.Status != StatusCodes.Status424FailedDependency).Status;
        return new(ProblemKind.FromStatus(status), "Nothing of the transaction was stored.", errors)
        {
            RetryAfterSeconds = status == StatusCodes.Status429TooManyRequests ? ConflictLimit.RetryAfterSeconds(clock) : null,
        };
    }

    // The routes have checked the media type; only the FHIR version is left to check.
    private static Problem? CheckRelease(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return new(ProblemKind.UnsupportedMediaType);
        }

        var version = type.Parameters.FirstOrDefault(p => p.Name == "fhirVersion")?.Value.Value;
        if (version is null or "4.0" or FhirConstants.FhirVersion)
        {
            return null;
        }

        var release = version is [var major, ..] ? major switch { '5' => "R5", '4' => "R4B", '3' => "STU3", '1' => "DSTU2", _ => "another release" }
            : "another release";
        return new(ProblemKind.UnsupportedMediaType, $"Only FHIR R4 (fhirVersion=4.0) is read; this is {release}.");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
