using System.Data;
using System.Globalization;

using Dapper;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Search;

/// <summary>Reads a page of studies. First the positions of the page are found by the narrow columns, then only its rows are read.</summary>
internal static class StudyListQuery
{
    /// <summary>The latest visible versions, in order: at most <paramref name="limit"/>.</summary>
    /// <param name="connection">Connection to the store.</param>
    /// <param name="request">Filter, order and position.</param>
    /// <param name="limit">Maximum number of studies.</param>
    /// <param name="viewer">The caller.</param>
    /// <returns>Each study with its sort value.</returns>
    public static IReadOnlyList<(StudyRecord Study, string SortValue)> Read(IDbConnection connection, StudyListRequest request, int limit, StudyViewer viewer)
    {
        var parameters = new DynamicParameters(new { limit, viewer = viewer.Tenant, seesAll = viewer.SeesAllParameter });
        List<string> conditions =
        [
            .. Filters(request, parameters), .. request.After is { } after ? [AfterSql(request.Sort, after, parameters)] : Array.Empty<string>(),
            StudyViewer.LatestVisibleSql,
        ];
        var (column, isDescending) = OrderOf(request.Sort);
        var order = isDescending ? "DESC" : "ASC";
        var positions = connection.Query<Position>($"""
            SELECT v.study_key AS Key, v.version, CAST({column} AS TEXT) AS SortValue FROM study_version v
            WHERE {string.Join(" AND ", conditions)} ORDER BY {column} {order}, v.study_key LIMIT @limit
            """, parameters).ToList();
        var studies = StudyQueries.Versions(connection, [.. positions.Select(p => (p.Key, p.Version))]).ToDictionary(study => study.Key);
        return [.. positions.Select(position => (studies[position.Key], position.SortValue))];
    }

    private static IEnumerable<string> Filters(StudyListRequest request, DynamicParameters parameters)
    {
        yield return request.Statuses.Count == 0 ? "v.status <> 'retracted'"
            : OneOf("v.status", "status", request.Statuses.Select(EnumNames<StudyStatus>.Of), parameters);
        if (request.Kinds.Count > 0)
        {
            yield return OneOf("v.kind", "kind", request.Kinds.Select(EnumNames<StudyKind>.Of), parameters);
        }

        // A version that moved the evidence was recorded with its revision, another one after it.
        if (request.Since is { } since)
        {
            parameters.Add("since", since);
            yield return "(v.evidence > @since OR v.evidence = @since AND v.moved = 0)";
        }

        foreach (var (i, word) in request.Words.Index())
        {
            parameters.Add($"word{i}", $"%{EscapeWildcards(word)}%");
            yield return $@"v.search LIKE @word{i} ESCAPE '\'";
        }
    }

    private static string OneOf(string column, string name, IEnumerable<string> values, DynamicParameters parameters)
    {
        var names = new List<string>();
        foreach (var (i, value) in values.Distinct().Index())
        {
            parameters.Add($"{name}{i}", value);
            names.Add($"@{name}{i}");
        }

        return $"{column} IN ({string.Join(", ", names)})";
    }

    private static string EscapeWildcards(string word) =>
        word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    private static string AfterSql(StudySort sort, (string Value, string Key) after, DynamicParameters parameters)
    {
        var (column, isDescending) = OrderOf(sort);
        parameters.Add("afterKey", after.Key);
        if (sort is StudySort.Year or StudySort.YearDescending)
        {
            parameters.Add("after", long.TryParse(after.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var year) ? year : 0);
        }
        else
        {
            parameters.Add("after", after.Value);
        }

        // The first condition is a range of an index, which the second is not.
        var beyond = isDescending ? "<" : ">";
        return $"{column} {beyond}= @after AND ({column} {beyond} @after OR v.study_key > @afterKey)";
    }

    private static (string Column, bool IsDescending) OrderOf(StudySort sort) => sort switch
    {
        StudySort.Key => ("v.study_key", false),
        StudySort.KeyDescending => ("v.study_key", true),
        StudySort.Recorded => ("v.recorded_at", false),
        StudySort.RecordedDescending => ("v.recorded_at", true),
        StudySort.Year => ("coalesce(v.year, 0)", false),
        StudySort.YearDescending => ("coalesce(v.year, 0)", true),
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, null),
    };

    // An expression has no type in SQLite where there are no rows, so that no constructor matches.
    private sealed record Position
    {
        public string Key { get; init; } = "";

        public long Version { get; init; }

        public string SortValue { get; init; } = "";
    }
}
