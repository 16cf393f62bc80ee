using Hl7.Fhir.Model;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Fhir.Parsing;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Refusals;

namespace RealRelationshipApi.Fhir;

/// <summary>Reads, validates and stores resources.</summary>
internal static class FhirIntake
{
    /// <summary>The query parameter of <c>$validate</c>.</summary>
    public static readonly QueryParameter Mode = new("mode", QueryParameterType.Choice, "What the resource is validated for; a submission is a create.")
    {
        Values = ["create"],
    };

    public static async Task<Results<FhirResult, Problem>> Create<T>(HttpContext context, SessionIngestion ingestion, Idempotency idempotency,
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

        var preferences = FhirPreferences.Apply(context);
        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var entry = ReadEntry(context, resource, new(ingestion, intake, clock.GetUtcNow(), preferences.IsLenient));
        var (outcomes, rejection) = await StoreAsync(context, ingestion, idempotency, body, [entry], new(Atomic: false, ValidateOnly: false));
        if (rejection is not null)
        {
            return rejection;
        }

        // What a condition found may be another version, and what was dropped is not given back.
        var isRepresented = preferences.IsRepresentation && !outcomes[0].IsRejected && entry.Dropped.Count == 0
            && (outcomes[0].Status == StatusCodes.Status201Created || IfNoneExist(context) is null);
        if (isRepresented)
        {
            FhirPreferences.ConfirmRepresentation(context);
        }

        return new FhirResult(isRepresented ? resource : OperationOutcomeBuilder.Build(outcomes[0]), outcomes[0].Status)
        {
            Version = outcomes[0].Version, HasBody = !preferences.IsMinimal || outcomes[0].IsRejected,
            RetryAfterSeconds = outcomes[0].Status == StatusCodes.Status429TooManyRequests ? ConflictLimit.RetryAfterSeconds(clock) : null,
        };
    }

    public static async Task<Results<FhirResult, Problem>> PostBundle(HttpContext context, SessionIngestion ingestion, Idempotency idempotency,
        RefusalCounts refusals, TimeProvider clock)
    {
        if (CheckRelease(context.Request) is { } otherRelease)
        {
            return otherRelease;
        }

        var body = await ReadBodyAsync(context);
        var isNdjson = MediaTypeHeaderValue.Parse(context.Request.ContentType).MediaType == FhirConstants.NdjsonMediaType;
        var (resource, errors) = isNdjson ? ResourceParser.ParseLines(body, BundleReader.MaxEntries + 1) : ResourceParser.Parse(body);
        if (CheckBundle(resource, errors) is { } problem)
        {
            return await refusals.RecordAsync(context.User.Tenant(), problem, context.RequestAborted);
        }

        var bundle = (Bundle)resource!;
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

        var (outcomes, rejection) = await StoreAsync(context, ingestion, idempotency, body, entries, new(isAtomic, ValidateOnly: false));
        if (rejection is not null || (isAtomic && outcomes.Any(o => o.IsRejected)))
        {
            return rejection ?? RejectTransaction(outcomes, clock);
        }

        if (preferences.IsRepresentation)
        {
            FhirPreferences.ConfirmRepresentation(context);
        }

        return BundleResponseBuilder.Build(bundle, outcomes, preferences, clock.GetUtcNow());
    }

    /// <summary>Checks a resource as if it was submitted.</summary>
    public static async Task<Results<FhirResult, Problem>> Validate<T>(HttpContext context, SessionIngestion ingestion, Idempotency idempotency,
        TimeProvider clock) where T : Resource
    {
        if (CheckRelease(context.Request) is { } otherRelease)
        {
            return otherRelease;
        }

        var query = new QueryReader(context.Request.Query);
        if (query.Text(Mode.Name) is { } mode && !Mode.Values.Contains(mode))
        {
            query.AddInvalid(Mode.Name, $"must be {Mode.Values[0]}");
            return Problem.Invalid(query.Errors);
        }

        var body = await ReadBodyAsync(context);
        var (sent, errors) = ResourceParser.Parse(body);
        var resource = sent is Parameters parameters ? parameters.Parameter.Find(p => p.Name == "resource")?.Resource : sent;
        if (sent is Parameters && resource is null)
        {
            return Problem.Malformed(new FieldError("Parameters.parameter", ErrorCodes.Required,
                $"needs a parameter named resource, with the {typeof(T).Name} as its resource"));
        }

        if (sent is not null && resource is not T)
        {
            return Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, $"must be {typeof(T).Name} here"));
        }

        var preferences = FhirPreferences.Apply(context);
        if (errors.Count > 0 && (resource is not Bundle || errors.Any(e => BundleReader.EntryIndexOf(e.Pointer) is null)))
        {
            return Report([new(StatusCodes.Status400BadRequest, errors)]);
        }

        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var reader = new EntryReader(ingestion, intake, clock.GetUtcNow(), preferences.IsLenient);
        if (resource is Bundle invalid && ValidateBundle(invalid) is { } problem)
        {
            return problem.Kind == ProblemKind.ContentTooLarge ? problem : Report([new(problem.Kind.Status, problem.Errors)]);
        }

        var entries = resource is Bundle bundle ? BundleReader.Read(bundle, errors, reader) : [ReadEntry(context, resource!, reader)];
        var isAtomic = resource is Bundle { Type: Bundle.BundleType.Transaction };
        var (outcomes, rejection) = await StoreAsync(context, ingestion, idempotency, body, entries, new(isAtomic, ValidateOnly: true));
        return rejection is not null ? rejection : Report(outcomes);
    }

    private static FhirResult Report(IReadOnlyList<EntryOutcome> outcomes) => new(OperationOutcomeBuilder.Build(outcomes));

    private static string? IfNoneExist(HttpContext context) => context.Request.Headers["If-None-Exist"] is { Count: > 0 } search ? search.ToString() : null;

    private static PreparedEntry ReadEntry(HttpContext context, Resource resource, EntryReader reader) =>
        reader.Read(resource, resource.TypeName, BundleContext.Empty, IfNoneExist(context), "http.If-None-Exist");

    private static Problem? CheckBundle(Resource? resource, IReadOnlyList<FieldError> errors) =>
        resource is Bundle bundle && errors.All(f => BundleReader.EntryIndexOf(f.Pointer) is not null) ? ValidateBundle(bundle)
        : errors.Count > 0 ? new Problem(ProblemKind.Malformed, null, errors)
        : Problem.Malformed(new FieldError("resourceType", FhirErrorCodes.WrongType, "must be Bundle here"));

    private static Problem? ValidateBundle(Bundle bundle) =>
        bundle.Type is not (Bundle.BundleType.Transaction or Bundle.BundleType.Batch or Bundle.BundleType.Searchset or Bundle.BundleType.Collection)
            ? new Problem(ProblemKind.Invalid, null,
                [new("Bundle.type", FhirErrorCodes.NotSupported, "must be transaction or batch, or searchset or collection, which are stored as a batch")])
        : bundle.Entry.Count == 0 ? Problem.Malformed(new FieldError("Bundle.entry", ErrorCodes.Required, "is required"))
        : bundle.Entry.Count > BundleReader.MaxEntries
            ? new Problem(ProblemKind.ContentTooLarge, $"A bundle may hold {BundleReader.MaxEntries} entries at the most.")
        : null;

    private static async Task<(IReadOnlyList<EntryOutcome> Outcomes, Problem? Problem)> StoreAsync(HttpContext context, SessionIngestion ingestion,
        Idempotency idempotency, ReadOnlyMemory<byte> body, IReadOnlyList<PreparedEntry> entries, BatchMode mode)
    {
        var tenant = context.User.Tenant();
        var (idempotent, problem) = idempotency.ReadHeader(context, tenant, body.Span);
        if (problem is not null)
        {
            return ([], problem);
        }

        // Rejected entries store nothing, and are counted.
        PreparedSession[] sessions = [.. entries.Where(HasOutcome).Select(e => e.Session ?? new(e.Errors, []))];
        var (stored, keyProblem) = await ingestion.StoreOnceAsync(context, idempotent, tenant, sessions, mode);
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
        return ByteOrderMark.Skip(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }
}
