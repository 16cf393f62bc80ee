using Hl7.Fhir.Model;

using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Fhir.Parsing;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir;

/// <summary><c>/fhir</c>: session measurements as FHIR R4, into the same store as <c>/sessions</c>.</summary>
public static class FhirEndpoints
{
    private const string PrivacyNote =
        "Nobody is named: of persons only references and identifiers are taken, and stored as keyed hashes. Needs scope `sessions:write`.";

    public static IEndpointRouteBuilder MapFhir(this IEndpointRouteBuilder app)
    {
        var fhir = app.MapGroup(FhirConstants.BasePath);

        fhir.MapPost("", PostBundle).WithTags("Submit").WithName("submitFhirBundle").WithSummary("Submits a FHIR R4 bundle")
            .WithDescription(
                "A `transaction` is stored whole or not at all; of a `batch` each entry for itself. Observation and QuestionnaireResponse are stored; "
                    + "Patient, Practitioner, "
                + $"PractitionerRole, Encounter, EpisodeOfCare and Questionnaire only resolve references, and are not kept. {PrivacyNote}")
            .WithFhirWrite<Bundle, Bundle>(StatusCodes.Status200OK).WithFhirExample(FhirExamples.Transaction);

        fhir.MapPost($"/{nameof(Observation)}", CreateResource<Observation>).WithTags("Submit").WithName("submitFhirObservation")
            .WithSummary("Submits a score as a FHIR R4 Observation")
            .WithDescription(
                "A total (value), the items of a form (component), or both. The same again is 200; a higher `meta.versionId` replaces; `entered-in-error` "
                    + "takes back. "
                + $"`If-None-Exist: identifier=system|value` stores only what is not there yet. {PrivacyNote}")
            .WithFhirWrite<Observation, OperationOutcome>(StatusCodes.Status201Created, StatusCodes.Status200OK).WithFhirExample(FhirExamples.Observation);

        fhir.MapPost($"/{nameof(QuestionnaireResponse)}", CreateResource<QuestionnaireResponse>).WithTags("Submit").WithName("submitFhirQuestionnaireResponse")
            .WithSummary("Submits a filled form as a FHIR R4 QuestionnaireResponse")
            .WithDescription(
                "Items by LOINC code or by the number at the end of their linkIds, a total, or both. An Observation that is derived from it counts once with "
                    + "it. "
                + $"The same again is 200; a higher `meta.versionId` replaces; `entered-in-error` takes back. {PrivacyNote}")
            .WithFhirWrite<QuestionnaireResponse, OperationOutcome>(StatusCodes.Status201Created, StatusCodes.Status200OK)
            .WithFhirExample(FhirExamples.QuestionnaireResponse);

        fhir.MapGet("/metadata", GetCapabilities).WithTags("Look").WithName("getFhirCapabilities").WithSummary("Says what the FHIR endpoint can do")
            .WithDescription("A CapabilityStatement, made from the routes of this service. Open to everyone.")
            .WithMediaTypes(FhirConstants.JsonMediaType, MediaTypes.Json).ProducesFhir<CapabilityStatement>(StatusCodes.Status200OK).ProducesFhirProblems()
            .AllowAnonymous();
        return app;
    }

    private static IResult GetCapabilities(EndpointDataSource endpoints) =>
        new FhirResult(CapabilityStatementBuilder.Build(endpoints.Endpoints.OfType<RouteEndpoint>()));

    private static async Task<IResult> CreateResource<T>(HttpContext context, SessionIngestion intake, Idempotency idempotency) where T : Resource
    {
        var body = await ReadBodyAsync(context);
        var (resource, errors) = ResourceParser.Parse(body);
        if (errors.Count > 0)
        {
            return new Problem(ProblemKind.Malformed, null, errors);
        }

        if (resource is not T)
        {
            return Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, $"must be {typeof(T).Name} here"));
        }

        var ifNoneExist = context.Request.Headers["If-None-Exist"];
        var tenant = context.User.Tenant();
        var entry = new EntryReader(intake, await intake.LoadInstrumentsAsync(tenant, context.RequestAborted), tenant)
            .Read(resource, resource.TypeName, BundleContext.Empty, ifNoneExist.Count == 0 ? null : ifNoneExist.ToString(), "http.If-None-Exist");
        return await StoreAsync(context, intake, idempotency, body, [entry], isAtomic: false, outcomes => ToResult(outcomes[0]));
    }

    private static async Task<IResult> PostBundle(HttpContext context, SessionIngestion intake, Idempotency idempotency)
    {
        var body = await ReadBodyAsync(context);
        var (resource, errors) = ResourceParser.Parse(body);
        if (resource is not Bundle bundle || errors.Any(f => BundleReader.EntryIndexOf(f.Pointer) is null))
        {
            return errors.Count > 0 ? new Problem(ProblemKind.Malformed, null, errors)
                : Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, "must be Bundle here"));
        }

        if (ValidateBundle(bundle) is { } problem)
        {
            return problem;
        }

        var tenant = context.User.Tenant();
        var entries = BundleReader.Read(bundle, errors, new(intake, await intake.LoadInstrumentsAsync(tenant, context.RequestAborted), tenant));
        var isAtomic = bundle.Type == Bundle.BundleType.Transaction;
        return isAtomic && entries.Any(e => e.Errors.Count > 0)
            ? RejectTransaction([.. entries.Select(e => EntryOutcome.From(e, null))])
            : await StoreAsync(context, intake, idempotency, body, entries, isAtomic,
                outcomes =>
                    isAtomic && outcomes.Any(o => o.IsRejected) ? RejectTransaction(outcomes) : BundleResponseBuilder.Build(outcomes, isAtomic, Now(context)));
    }

    private static Problem? ValidateBundle(Bundle bundle) =>
        bundle.Type is not (Bundle.BundleType.Transaction or Bundle.BundleType.Batch)
            ? new Problem(ProblemKind.Invalid, null, [new("Bundle.type", FhirErrorCodes.NotSupported, "must be transaction or batch")])
        : bundle.Entry.Count == 0 ? Problem.Malformed(new FieldError("Bundle.entry", ErrorCodes.Required, "is required"))
        : bundle.Entry.Count > BundleReader.MaxEntries
            ? new Problem(ProblemKind.ContentTooLarge, $"A bundle may hold {BundleReader.MaxEntries} entries at the most.")
        : null;

    private static async Task<IResult> StoreAsync(HttpContext context, SessionIngestion intake, Idempotency idempotency, ReadOnlyMemory<byte> body,
        IReadOnlyList<PreparedEntry> entries, bool isAtomic,
        Func<IReadOnlyList<EntryOutcome>, IResult> toResult)
    {
        var tenant = context.User.Tenant();
        var (idempotent, problem) = idempotency.ReadHeader(context, tenant, body.Span);
        if (problem is not null)
        {
            return problem;
        }

        PreparedSession[] sessions = [.. entries.Select(e => e.Session).OfType<PreparedSession>()];
        var (stored, keyProblem) = await intake.StoreOnceAsync(context, idempotent, tenant, sessions, isAtomic);
        var next = 0;
        return keyProblem ?? toResult([.. entries.Select(e => EntryOutcome.From(e, e.Session is null ? null : stored![next++]))]);
    }

    private static FhirResult ToResult(EntryOutcome outcome) => new(OperationOutcomeBuilder.Build(outcome), outcome.Status) { Version = outcome.Version };

    // Nothing was stored: every fault of every entry, under the status of the first.
    private static Problem RejectTransaction(IReadOnlyList<EntryOutcome> outcomes)
    {
        FieldError[] errors = [.. outcomes.SelectMany(o => o.Errors)];
        var status = outcomes.Any(o => o.Status == StatusCodes.Status400BadRequest) ? StatusCodes.Status400BadRequest
            : outcomes.First(o => o.IsRejected).Status;
        return new(ProblemKind.FromStatus(status), "Nothing of the transaction was stored.", errors);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        // Of which type a body must be the routes say; without one, or of another version of FHIR, it is not read.
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || type.Parameters.FirstOrDefault(p => p.Name == "fhirVersion")?.Value is { HasValue: true } version
                && version.Value is not ("4.0" or FhirConstants.FhirVersion))
        {
            throw new BadHttpRequestException("Only FHIR 4.0 is read.", StatusCodes.Status415UnsupportedMediaType);
        }

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static DateTimeOffset Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
}
