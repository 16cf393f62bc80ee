using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>What the sender says about a spreadsheet, beside its content.</summary>
internal sealed record SheetOptions
{
    private static readonly QueryParameter s_as = new("as", QueryParameterType.Text,
        "Spreadsheet: what a column is, as `HEADER:MEMBER`, with `moderators.NAME` for a free moderator. `/meta/options` lists members, and heads that are "
            + "understood without it.")
    { Repeatable = true };

    private static readonly QueryParameter s_ignore = new("ignore", QueryParameterType.Text, "Spreadsheet: header of a column to leave out.")
    { Repeatable = true };

    private static readonly QueryParameter s_sheet = new("sheet", QueryParameterType.Text, "XLSX: name of the sheet; default: the first one.");

    /// <summary>Query parameters of an operation that accepts spreadsheets.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        s_as, s_ignore, s_sheet,
        new("MEMBER", QueryParameterType.Text, "Spreadsheet: value of a member that has no column, such as `kind=primary`.")
        {
            IsPattern = true, IsMatch = IsDefault,
        },
    ];

    /// <summary>Columns by header, as the sender names them.</summary>
    public IReadOnlyList<(string Head, string Member)> Columns { get; init; } = [];

    /// <summary>Headers of columns to leave out.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Name of the sheet of a workbook; null for the first one.</summary>
    public string? SheetName { get; init; }

    /// <summary>Values of missing columns.</summary>
    public IReadOnlyList<(StudyCsvColumn Column, string Value)> Defaults { get; init; } = [];

    /// <summary>Reads a query; adds an error for every value that cannot be read.</summary>
    /// <param name="names">Names in the query that are no parameters of the operation itself.</param>
    /// <param name="query">The query.</param>
    public static SheetOptions From(IEnumerable<string> names, QueryReader query) => Create(query.Texts(s_as.Name), query.Texts(s_ignore.Name),
        query.Text(s_sheet.Name), [.. names.Where(IsDefault).Select(name => (name, query.Text(name)!))], query.AddInvalid);

    /// <param name="columns">Columns as <c>HEADER:MEMBER</c>.</param>
    /// <param name="ignored">Headers of columns to leave out.</param>
    /// <param name="sheet">Name of the sheet.</param>
    /// <param name="defaults">Values of missing columns by name.</param>
    /// <param name="addInvalid">Called with the name of an option and the rule that its value breaks.</param>
    public static SheetOptions Create(IReadOnlyList<string> columns, IReadOnlyList<string> ignored, string? sheet,
        IReadOnlyList<(string Name, string Value)> defaults, Action<string, string> addInvalid)
    {
        var named = new List<(string, string)>();
        foreach (var text in columns)
        {
            if (text.LastIndexOf(':') is > 0 and var colon && FindColumn(text[(colon + 1)..]) is { } column)
            {
                named.Add((text[..colon], column.Name));
            }
            else
            {
                addInvalid(s_as.Name, $"must be HEADER:MEMBER, where MEMBER is {DescribeMembers(text[(text.LastIndexOf(':') + 1)..])}");
            }
        }

        var values = new List<(StudyCsvColumn, string)>();
        foreach (var (name, value) in defaults)
        {
            if (FindColumn(name) is not { } column)
            {
                addInvalid(name, $"must be {DescribeMembers(name)}");
            }
            else if (new SheetValues('.', isOwnTable: false).Read(new SheetCell(value), column).Rule is { } rule)
            {
                addInvalid(name, rule);
            }
            else
            {
                values.Add((column, value));
            }
        }

        return new() { Columns = named, Ignored = ignored, SheetName = sheet, Defaults = values };
    }

    /// <summary>The column of a member by any of its names; null if there is none.</summary>
    public static StudyCsvColumn? FindColumn(string name) => name.StartsWith(StudyCsvColumns.ModeratorPrefix, StringComparison.Ordinal)
        ? SheetMapping.Moderator(name[StudyCsvColumns.ModeratorPrefix.Length..]) : SheetColumns.Find(name)?.Column;

    private static bool IsDefault(string name) => FindColumn(name) is not null;

    private static string DescribeMembers(string name)
    {
        string[] members = [.. SheetColumns.All.Select(column => column.Name)];
        return SimilarNames.Nearest(name, members) is { } nearest ? $"a member such as {nearest}, or moderators.NAME"
            : $"moderators.NAME or one of {string.Join(", ", members)}";
    }

    /// <summary>Adds an error for each parameter that only a spreadsheet takes.</summary>
    /// <param name="names">Names in the query.</param>
    /// <param name="query">The query.</param>
    public static void RejectAll(IEnumerable<string> names, QueryReader query)
    {
        foreach (var name in names.Where(name => Parameters.Any(parameter => parameter.Matches(name))))
        {
            query.AddInvalid(name, "is for a spreadsheet only (text/csv or XLSX): in JSON the body says it");
        }
    }
}
