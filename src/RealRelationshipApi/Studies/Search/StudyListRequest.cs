using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies.Search;

/// <summary>Filter, search and order of a list of studies.</summary>
internal sealed record StudyListRequest
{
    public const int MaxSearchLength = 200;

    private const int MaxWords = 10;

    private const char Separator = '\n';

    public static readonly QueryParameter SearchParameter = new("q", QueryParameterType.Text,
        "Words that key, title, authors, DOI or journal contain, each of them in any of these. Case and accents of Latin letters do not count (`É` is `e`, "
        + $"`ø` is `o`, `ß` is `ss`, `æ` is `ae`), and a dash is a hyphen. At most {MaxSearchLength} characters and {MaxWords} words.");

    public static readonly QueryParameter SinceParameter = new("since", QueryParameterType.Integer,
        "Only what was recorded after this evidence revision; its own studies are excluded. A study that is not accepted is recorded between revisions, after "
        + "the one that it shows.")
    { Minimum = 0 };

    private const string SortName = "sort";

    private static readonly QueryParameter s_status = QueryParameter.Choice<StudyStatus>("status",
        "Only studies of this status; default: all but `retracted`.", repeatable: true);

    private static readonly QueryParameter s_kind = QueryParameter.Choice<StudyKind>("kind", "Only studies of this kind.", repeatable: true);

    private static readonly QueryParameter s_sort = QueryParameter.Choice<StudySort>(SortName,
        "Order by key, by the time when the version was recorded, or by year of publication (none counts as 0); with `-` the last first. Equal ones are "
        + "sorted by key.", StudySort.Key);

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
        [s_status, s_kind, SearchParameter, SinceParameter, s_sort, PageRequest.LimitParameter, PageRequest.CursorParameter];

    public IReadOnlyList<StudyStatus> Statuses { get; private init; } = [];

    public IReadOnlyList<StudyKind> Kinds { get; private init; } = [];

    /// <summary>Normalized words, each of which has to occur.</summary>
    public IReadOnlyList<string> Words { get; private init; } = [];

    /// <summary>Revision after which the version was recorded.</summary>
    public long? Since { get; private init; }

    public StudySort Sort { get; private init; }

    public int Limit { get; private init; }

    /// <summary>Sort value and key of the last study of the previous page; null on the first page.</summary>
    public (string Value, string Key)? After { get; private init; }

    /// <summary>Whether the list may have to look at every study rather than at those of one page.</summary>
    public bool IsCostly => Statuses.Count > 0 || Kinds.Count > 0 || Words.Count > 0 || Since is not null
        || Sort is not (StudySort.Key or StudySort.KeyDescending);

    /// <summary>Reads the parameters; errors are added to the reader.</summary>
    public static StudyListRequest From(HttpRequest request, QueryReader query)
    {
        var page = PageRequest.From(query);
        return new()
        {
            Statuses = query.Choices<StudyStatus>(s_status.Name),
            Kinds = query.Choices<StudyKind>(s_kind.Name),
            Words = ReadWords(query),
            Since = query.Integer(SinceParameter),
            Sort = query.Choice<StudySort>(SortName) ?? StudySort.Key,
            Limit = page.Limit,
            After = ReadPosition(page.After, BindingOf(request), query),
        };
    }

    /// <summary>The cursor after a study; sets the <c>Link</c> header.</summary>
    public static string NextCursor(HttpContext context, string sortValue, string key) =>
        PageRequest.NextCursor(context, string.Join(Separator, BindingOf(context.Request), sortValue, key));

    private static IReadOnlyList<string> ReadWords(QueryReader query)
    {
        if (query.Text(SearchParameter.Name) is not { } text)
        {
            return [];
        }

        string[] words = [.. SearchText.Normalize(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Doi.Normalize(word)!).Distinct()];
        if (text.Length > MaxSearchLength || words.Length is 0 or > MaxWords)
        {
            query.AddInvalid(SearchParameter.Name, $"must be 1 to {MaxWords} words of together at most {MaxSearchLength} characters");
        }

        return words;
    }

    private static (string Value, string Key)? ReadPosition(string after, string binding, QueryReader query)
    {
        if (after.Length == 0)
        {
            return null;
        }

        if (after.Split(Separator) is [var bound, var value, var key] && bound == binding)
        {
            return (value, key);
        }

        query.AddInvalid(PageRequest.CursorParameter.Name,
            "belongs to another list: send it with the filter and the order of the page that gave it, or leave it out");
        return null;
    }

    // A position is one in this order and filter only.
    private static string BindingOf(HttpRequest request) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        request.CanonicalQuery(PageRequest.CursorParameter.Name, PageRequest.LimitParameter.Name))).AsSpan(0, 8));
}

/// <summary>Order of a list of studies.</summary>
internal enum StudySort
{
    Key,

    [JsonStringEnumMemberName("-key")]
    KeyDescending,

    Recorded,

    [JsonStringEnumMemberName("-recorded")]
    RecordedDescending,

    Year,

    [JsonStringEnumMemberName("-year")]
    YearDescending,
}
