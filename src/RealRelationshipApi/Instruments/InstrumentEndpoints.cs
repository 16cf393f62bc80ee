using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Instruments;

/// <summary><c>/instruments</c>: built-in instruments and the declarations of a site.</summary>
internal static class InstrumentEndpoints
{
    private const string CodeRoute = "{code:regex(^[A-Za-z0-9-]{{1,64}}$)}";

    private static readonly QueryParameter s_versionParameter =
        new("version", QueryParameterType.Integer,
            "Version to return; 0 is the built-in definition. Default: the current version.")
        { Minimum = 0 };

    public static IEndpointRouteBuilder MapInstruments(this IEndpointRouteBuilder app)
    {
        var instruments = app.MapGroup("/instruments");

        instruments.MapPost("", Declare).Accepts<InstrumentRequest>(MediaTypes.Json)
            .WithTags("Submit").WithName("declareInstrument").WithSummary("Declare an instrument or a scoring key")
            .WithDescription(
                "Declares your own instrument, or adds unpublished facts to a built-in one: reverse-keyed items, items of a subscale, number and range of "
                + "items. Published facts cannot be contradicted. Returns 200 if the declaration equals the current version; otherwise creates a new version "
                + "and keeps the old ones. Declarations are visible only to your own tenant. Item texts are licensed and not accepted. Needs scope "
                + "`sessions:write`.")
            .RequireScope(Scopes.SessionsWrite)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable);

        instruments.MapGet("", List).WithTags("Look").WithName("listInstruments").WithSummary("List instruments")
            .WithDescription(
                "Returns the current versions of the built-in instruments and of those declared by your tenant, sorted by code. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters(PageRequest.LimitParameter, PageRequest.CursorParameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

        instruments.MapGet($"/{CodeRoute}", Read).WithTags("Look").WithName("readInstrument").WithSummary("Get an instrument")
            .WithDescription("Returns the current or an earlier version; `sources` says where each published fact was read. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters(s_versionParameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Invalid)
            .WithExampleValue("code", "phq-9");

        return app;
    }

    private static async Task<Results<Created<Instrument>, Ok<Instrument>, Problem>> Declare(JsonBody<InstrumentRequest> body, HttpContext context,
        IValidator<InstrumentRequest> validator, Database database, InstrumentCatalogue catalogue, Rescoring rescoring, Idempotency idempotency)
    {
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        var (tenant, request) = (context.User.Tenant(), body.Value);
        var isCustom = await database.ReadAsync(connection => catalogue.Find(connection, tenant, request.Code).Instrument is { IsCustom: true },
            context.RequestAborted);
        var (instrument, crossFieldErrors) = InstrumentDeclaration.Resolve(request, isCustom);
        FieldError[] errors = [.. validator.GetErrors(request).Concat(crossFieldErrors).DistinctBy(f => (f.Pointer, f.Code))];
        if (errors.Length > 0)
        {
            return Problem.Invalid(errors);
        }

        var (idempotent, problem) =
            idempotency.ReadHeader(context, tenant, InstrumentDeclaration.ComputeHash(InstrumentDeclaration.ToCanonicalJson(instrument)));
        if (problem is not null)
        {
            return problem;
        }

        var (outcome, keyProblem) = await idempotency.ExecuteOnceAsync(context, idempotent,
            execute: transaction => InstrumentStore.Declare(transaction, catalogue, rescoring, tenant, instrument),
            toStored: outcome => outcome.Instrument is { } stored ? new(outcome.Status, [(outcome.Status, $"{stored.Version}")]) : null,
            replay: (transaction, stored) => new(stored.Status,
                catalogue.Find(transaction.Connection, tenant, instrument.Code, long.Parse(stored.Items[0].Id)).Instrument, null));
        if ((keyProblem ?? outcome!.Problem) is { } rejection)
        {
            return rejection;
        }

        var declared = outcome!.Instrument!;
        context.Response.SetETag(ETagOf(declared));
        return outcome.Status == StatusCodes.Status201Created ? TypedResults.Created($"/instruments/{declared.Code}", declared) : TypedResults.Ok(declared);
    }

    private static async Task<Results<Ok<InstrumentListResponse>, Problem>> List(HttpContext context, Database database, InstrumentCatalogue catalogue)
    {
        if (PageRequest.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        var instruments = await database.ReadAsync(connection => catalogue.GetInstruments(connection, context.User.Tenant()), context.RequestAborted);
        List<Instrument> after = [.. instruments.Current.Where(i => string.CompareOrdinal(i.Code, page.After) > 0)];
        List<Instrument> items = [.. after.Take(page.Limit)];
        return TypedResults.Ok(new InstrumentListResponse(items, after.Count > items.Count ? PageRequest.NextCursor(context, items[^1].Code) : null));
    }

    private static async Task<Results<Ok<Instrument>, StatusCodeHttpResult, Problem>> Read(string code, HttpContext context, Database database,
        InstrumentCatalogue catalogue)
    {
        var query = new QueryReader(context.Request.Query);
        var version = query.Integer(s_versionParameter);
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (instrument, error) = await database.ReadAsync(connection => catalogue.Find(connection, context.User.Tenant(), code, version),
            context.RequestAborted);
        if (instrument is null)
        {
            return new Problem(ProblemKind.NotFound, $"'{code}' {error!.Detail}.");
        }

        return context.OkOrNotModified(instrument, ETagOf(instrument));
    }

    private static string ETagOf(Instrument instrument)
    {
        var hash = InstrumentDeclaration.ComputeHash(InstrumentDeclaration.ToCanonicalJson(instrument));
        return $"\"{instrument.Version}-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}\"";
    }
}

/// <summary>A page of instruments.</summary>
/// <param name="Instruments">Sorted by code.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record InstrumentListResponse(IReadOnlyList<Instrument> Instruments, string? Next);
