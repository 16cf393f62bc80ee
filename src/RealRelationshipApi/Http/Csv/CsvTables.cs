using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Csv;

/// <summary>Responses as CSV tables: the first by <c>Accept: text/csv</c>, each by the suffix <c>.csv</c> and its name.</summary>
internal static class CsvTables
{
    /// <summary>Name of the table of the parts of <c>/meta/bias</c>, which are members rather than a list.</summary>
    public const string PartsTable = "parts";

    private const string TableParameter = "table";

    /// <summary>The parameters of an operation that returns one of several tables.</summary>
    public static IReadOnlyList<QueryParameter> TableParameters(IReadOnlyList<string> tables) =>
        [new(TableParameter, QueryParameterType.Choice, "Table of the response.") { Values = tables, Default = tables[0] }, .. CsvFormat.Parameters];

    /// <summary>Lets the operation return a table by content negotiation.</summary>
    public static RouteHandlerBuilder WithCsvTable(this RouteHandlerBuilder endpoint, string table) => endpoint.WithMediaTypes(MediaTypes.Json, MediaTypes.Csv)
        .AddEndpointFilter(async (context, next) => await next(context) is var result && context.HttpContext.NegotiatedMediaTypeOf() == MediaTypes.Csv
            ? Tabulate(context.HttpContext, result, table, default)
            : result);

    /// <summary>Lets the operation return one of its tables and no JSON.</summary>
    public static RouteHandlerBuilder AsCsvTable(this RouteHandlerBuilder endpoint, IReadOnlyList<string> tables) => endpoint.WithMediaTypes(MediaTypes.Csv)
        .AddEndpointFilter(async (context, next) =>
        {
            var query = new QueryReader(context.HttpContext.Request.Query);
            var table = query.Text(TableParameter) ?? tables[0];
            var format = CsvFormat.From(query);
            if (!tables.Contains(table))
            {
                query.AddInvalid(TableParameter, $"must be one of {string.Join(", ", tables)}");
            }

            return query.Errors.Count > 0 ? Problem.Invalid(query.Errors)
                : Tabulate(context.HttpContext, await next(context), table, format);
        });

    private static object? Tabulate(HttpContext context, object? result, string name, CsvFormat format)
    {
        if (ResultValue.Of(result) is not { } response)
        {
            return result;
        }

        var table = name == PartsTable ? ResponseTable.OfParts(response) : ResponseTable.Of(response, name);
        var file = $"{Path.GetFileNameWithoutExtension(context.Request.Path.Value)}-{name}.csv";
        return TypedResults.Bytes(CsvTableWriter.ToBytes(table.ToRows(), format), $"{MediaTypes.Csv}; charset=utf-8", file);
    }
}
