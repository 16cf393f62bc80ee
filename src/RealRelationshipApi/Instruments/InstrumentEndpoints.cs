using FluentValidation;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Instruments;

/// <summary><c>/instruments</c>: what can be scored, and what a site declares of its own.</summary>
public static class InstrumentEndpoints
{
    private const string Code = "{code:regex(^[A-Za-z0-9-]{{1,64}}$)}";

    private static readonly QueryParameter s_version =
        new("version", QueryKind.Whole, "An earlier version; 0 is the instrument as the service ships it. Left out, the one that counts now.") { Least = 0 };

    public static IEndpointRouteBuilder MapInstruments(this IEndpointRouteBuilder app)
    {
        var instruments = app.MapGroup("/instruments");

        instruments.MapPost("", Declare).WithTags("Submit").WithName("declareInstrument").WithSummary("Declares an instrument, or a scoring key")
            .WithDescription("An instrument of your own, or what is not publicly known of one that the service ships: the items that are turned round, the items of a subscale, "
                + "the number and range of items. What is published cannot be contradicted. The same again is answered with 200; anything else makes a new version, and "
                + "the old ones stay. It is seen by your own tenant only. Texts of items are licensed: no member takes them. Needs scope `sessions:write`.")
            .RequireScope(Scopes.SessionsWrite)
            .Produces<Instrument>(StatusCodes.Status201Created).Produces<Instrument>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable)
            .WithExample(InstrumentExamples.OwnInstrument);

        instruments.MapGet("", List).WithTags("Look").WithName("listInstruments").WithSummary("Lists instruments")
            .WithDescription("Those that the service ships and those that your tenant declared, in the order of their codes, in the version that counts now. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Takes(Page.LimitParameter, Page.CursorParameter)
            .Produces<InstrumentList>().ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

        instruments.MapGet($"/{Code}", Read).WithTags("Look").WithName("readInstrument").WithSummary("Reads an instrument")
            .WithDescription("How it is scored, in the version that counts now or in an earlier one. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Takes(s_version)
            .Produces<Instrument>().ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Invalid)
            .WithExampleValue("code", InstrumentExamples.ExistingCode);

        return app;
    }

    private static async Task<IResult> Declare(InstrumentRequest request, HttpContext context, IValidator<InstrumentRequest> validator, InstrumentCatalogue catalogue, GroupCommitWriter writer,
        Idempotency idempotency)
    {
        var (instrument, together) = Declaration.Join(request);
        FieldError[] faults = [.. validator.Faults(request).Concat(together).DistinctBy(f => (f.Pointer, f.Code))];
        if (faults.Length > 0)
        {
            return Problem.Invalid(faults);
        }

        var (idempotent, problem) = idempotency.Read(context, Declaration.HashOf(Declaration.ContentOf(instrument)));
        if (problem is not null)
        {
            return problem;
        }

        var tenant = context.User.Tenant();
        return await idempotency.OneAtATimeAsync(idempotent, async () => Answer(context, await writer.WriteAsync(
            transaction => DeclareOnce(transaction, catalogue, tenant, instrument, idempotency, idempotent), context.RequestAborted)));
    }

    private static InstrumentOutcome DeclareOnce(WriteTransaction transaction, InstrumentCatalogue catalogue, string tenant, Instrument instrument, Idempotency idempotency,
        IdempotentRequest? idempotent)
    {
        var (earlier, problem) = Idempotency.Earlier(transaction, idempotent);
        if (problem is not null)
        {
            return new(problem.Kind.Status, null, problem);
        }

        if (earlier is not null)
        {
            var version = long.Parse(earlier.Items[0].Id);
            return new(earlier.Status, catalogue.Find(transaction.Connection, tenant, instrument.Code, version).Instrument, null) { IsReplayed = true };
        }

        var outcome = InstrumentStore.Declare(transaction, catalogue, tenant, instrument);
        if (outcome.Instrument is { } declared)
        {
            idempotency.Remember(transaction, idempotent, outcome.Status, [(outcome.Status, $"{declared.Version}")]);
        }

        return outcome;
    }

    private static async Task<IResult> List(HttpContext context, Database database, InstrumentCatalogue catalogue)
    {
        if (Page.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        await using var connection = await database.OpenReaderAsync(context.RequestAborted);
        List<Instrument> after = [.. catalogue.Of(connection, context.User.Tenant()).Current.Where(i => string.CompareOrdinal(i.Code, page.After) > 0)];
        List<Instrument> shown = [.. after.Take(page.Limit)];
        return TypedResults.Ok(new InstrumentList(shown, after.Count > shown.Count ? page.Next(context, shown[^1].Code) : null));
    }

    private static async Task<IResult> Read(string code, HttpContext context, Database database, InstrumentCatalogue catalogue)
    {
        var query = new QueryReader(context.Request.Query);
        var version = query.Whole(s_version);
        if (query.Faults.Count > 0)
        {
            return Problem.Invalid(query.Faults);
        }

        await using var connection = await database.OpenReaderAsync(context.RequestAborted);
        var (instrument, fault) = catalogue.Find(connection, context.User.Tenant(), code, version);
        if (instrument is null)
        {
            return new Problem(ProblemKind.NotFound, $"'{code}' {fault!.Detail}.");
        }

        context.Response.Tag(TagOf(instrument));
        return context.Request.AlreadyHas(TagOf(instrument)) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(instrument);
    }

    private static IResult Answer(HttpContext context, InstrumentOutcome outcome)
    {
        if (outcome.Problem is { } problem)
        {
            return problem;
        }

        var instrument = outcome.Instrument!;
        context.Response.Tag(TagOf(instrument));
        if (outcome.IsReplayed)
        {
            context.Response.Headers[Idempotency.ReplayedHeader] = "true";
        }

        return outcome.Status == StatusCodes.Status201Created ? TypedResults.Created($"/instruments/{instrument.Code}", instrument) : TypedResults.Ok(instrument);
    }

    private static string TagOf(Instrument instrument) =>
        $"\"{instrument.Version}-{Convert.ToHexStringLower(Declaration.HashOf(Declaration.ContentOf(instrument)).AsSpan(0, 8))}\"";
}

/// <summary>A page of instruments.</summary>
/// <param name="Instruments">In the order of their codes.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record InstrumentList(IReadOnlyList<Instrument> Instruments, string? Next);
