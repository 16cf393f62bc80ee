using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;

namespace RealRelationshipApi.Analyses;

/// <summary>A list of a response with one row per effect or sample. A long one is left out of JSON unless <c>select</c> names it.</summary>
/// <param name="Path">Member, or members with dots, as in <c>radial.points</c>; the name of its CSV table.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Clear">The response with an empty list.</param>
internal sealed record RowTable<TResponse>(string Path, Func<TResponse, int> Count, Func<TResponse, TResponse> Clear);

/// <param name="Member">Member that is left out, with dots as in <c>select</c>.</param>
/// <param name="Rows">Number of its rows.</param>
/// <param name="Csv">URL of the rows as CSV; null for a request with a body.</param>
internal sealed record OmittedRows(string Member, int Rows, string? Csv);

/// <summary>Leaves long lists of a response out.</summary>
internal static class RowTables
{
    /// <summary>Item of a request whose response depends on what <c>select</c> names.</summary>
    public const string HasLongLists = "HasLongLists";

    /// <summary>The response without lists of more than <see cref="LimitOptions.MaxDefaultRows"/> rows, except for those that <c>select</c> names.</summary>
    public static TResponse Limit<TResponse>(HttpContext context, TResponse response, IReadOnlyList<RowTable<TResponse>> tables) where TResponse : class
    {
        // Tables are complete, by whichever operation.
        if (tables.Count == 0 || context.NegotiatedMediaTypeOf() != MediaTypes.Json
            || context.GetEndpoint()?.Metadata.GetMetadata<OfferedMediaTypes>()?.MediaTypes.Contains(MediaTypes.Json) == false)
        {
            return response;
        }

        var max = context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value.MaxDefaultRows;
        RowTable<TResponse>[] large = [.. tables.Where(table => table.Count(response) > max)];
        var selected = context.Features.Get<SelectedMembers>();
        if (large.Length > 0)
        {
            context.Items[HasLongLists] = null;
        }

        OmittedRows[] omitted = [.. large.Where(table => selected?.Includes(table.Path) != true)
            .Select(table => new OmittedRows(table.Path, table.Count(response), CsvUrl(context.Request, table.Path)))];
        return omitted.Length == 0 ? response : Describe(large.Aggregate(response,
            (rest, table) => omitted.Any(o => o.Member == table.Path) ? table.Clear(rest) : rest), omitted, max);
    }

    private static TResponse Describe<TResponse>(TResponse response, OmittedRows[] omitted, int max) where TResponse : class
    {
        var analysis = (AnalysisResponse)(object)response;
        var names = string.Join(", ", omitted.Select(o => FormattableString.Invariant($"{o.Member} ({o.Rows:N0} rows)")));
        var where = omitted[0].Csv is null ? "" : " or download the CSV tables that `omitted` links to";
        var warning = new Warning("rowsOmitted",
            FormattableString.Invariant($"Lists of more than {max:N0} rows are left out: {names}. Name them in select{where}."));
        return (TResponse)(object)(analysis with { Omitted = omitted, Warnings = [.. analysis.Warnings, warning] });
    }

    // The operation of the table takes the same query, from which the selection of members has been removed.
    private static string? CsvUrl(HttpRequest request, string table)
    {
        if (!HttpMethods.IsGet(request.Method))
        {
            return null;
        }

        var query = new QueryBuilder(request.Query) { { "table", table } };
        return $"{PublicAddress.PrefixFor(request)}{request.Path}.csv{query}";
    }
}
