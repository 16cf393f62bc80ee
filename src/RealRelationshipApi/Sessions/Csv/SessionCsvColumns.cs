using System.Globalization;
using System.Text.RegularExpressions;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Csv;

internal enum SessionCsvMember
{
    Patient, Therapist, Session, SessionNumber, Slot, Date, Instrument, Scale, Rater, Score, Aggregation, SourceId, Version, Status, Item,
}

/// <summary>The columns of a file, found by the names that systems give them, without regard to case, spaces, underscores and hyphens.</summary>
internal sealed partial class SessionCsvColumns
{
    /// <summary>Names of each column, the canonical one first. Items are <c>item1</c> or <c>q1</c> and so on.</summary>
    public static readonly IReadOnlyDictionary<SessionCsvMember, string[]> Names = new Dictionary<SessionCsvMember, string[]>
    {
        [SessionCsvMember.Patient] = ["patient", "client", "clientId", "patientId"],
        [SessionCsvMember.Therapist] = ["therapist", "clinician", "provider"],
        [SessionCsvMember.Session] = ["session", "encounter", "appointment"],
        [SessionCsvMember.SessionNumber] = ["sessionNumber", "sessionNo", "visit"],
        [SessionCsvMember.Slot] = ["slot"],
        [SessionCsvMember.Date] = ["date", "completed", "completedAt", "administered"],
        [SessionCsvMember.Instrument] = ["instrument", "measure", "tool", "questionnaire"],
        [SessionCsvMember.Scale] = ["scale", "subscale"],
        [SessionCsvMember.Rater] = ["rater", "informant"],
        [SessionCsvMember.Score] = ["score", "total", "value", "result"],
        [SessionCsvMember.Aggregation] = ["aggregation"],
        [SessionCsvMember.SourceId] = ["sourceId", "id", "recordId"],
        [SessionCsvMember.Version] = ["version"],
        [SessionCsvMember.Status] = ["status"],
    };

    private const int MaxItems = 500;

    private static readonly SessionCsvMember[] s_required = [SessionCsvMember.Patient, SessionCsvMember.Date, SessionCsvMember.Instrument];

    private static readonly Dictionary<string, SessionCsvMember> s_byName = Names.SelectMany(n => n.Value.Select(name => (Name: Normalise(name), n.Key)))
        .ToDictionary(n => n.Name, n => n.Key, StringComparer.Ordinal);

    private readonly IReadOnlyList<string> _heads;
    private readonly int[] _byMember = [.. Enum.GetValues<SessionCsvMember>().Select(_ => -1)];
    private readonly SortedDictionary<int, int> _items = [];

    private SessionCsvColumns(IReadOnlyList<string> heads) => _heads = heads;

    /// <summary>Columns of the items by their numbers from 1, up to the highest; -1 for one that is missing.</summary>
    public IReadOnlyList<int> Items { get; private set; } = [];

    public int Count => _heads.Count;

    /// <summary>Index of a column; -1 if the file has none.</summary>
    public int this[SessionCsvMember member] => _byMember[(int)member];

    /// <summary>Finds the columns of a header.</summary>
    /// <returns>The columns and all errors: unknown, repeated and missing ones.</returns>
    public static (SessionCsvColumns Columns, IReadOnlyList<FieldError> Errors) Find(IReadOnlyList<string> heads)
    {
        var columns = new SessionCsvColumns(heads);
        var errors = new List<FieldError>();
        foreach (var (i, head) in heads.Index())
        {
            if (!columns.TryAdd(i, head, out var isRepeated))
            {
                errors.Add(new($"#/{JsonPointer.Escape(head)}", isRepeated ? "duplicateColumn" : "unknownColumn", isRepeated
                    ? "means the same as another column" : $"is not a column that is understood; known are {DescribeNames()}{DescribeSeparators(heads)}"));
            }
        }

        errors.AddRange(s_required.Where(m => columns[m] < 0).Select(m =>
            new FieldError($"#/{Names[m][0]}", ErrorCodes.Required, $"is required: a column named {string.Join(" or ", Names[m])}")));
        if (columns[SessionCsvMember.Score] < 0 && columns._items.Count == 0)
        {
            errors.Add(new("#/score", ErrorCodes.Required,
                $"is required: a column named {string.Join(" or ", Names[SessionCsvMember.Score])}, or the items as item1, item2, …"));
        }

        var last = columns._items.Keys.LastOrDefault();
        columns.Items = [.. Enumerable.Range(1, last).Select(n => columns._items.GetValueOrDefault(n, -1))];
        return (columns, errors);
    }

    /// <summary>The header of the column that a pointer of the session refers to; null for none.</summary>
    public string? HeadOf(string pointer)
    {
        var parts = pointer.Split('/');
        var index = parts switch
        {
            [_, "measures", _, "items", var item, ..] when int.TryParse(item, out var i) && i < Items.Count => Items[i],
            [_, "measures", _, var member, ..] => IndexOf(member),
            [_, "occurredAt", ..] => this[SessionCsvMember.Date],
            [_, var member, ..] => IndexOf(member),
            _ => -1,
        };
        return index >= 0 ? _heads[index] : null;
    }

    private int IndexOf(string member) => s_byName.TryGetValue(Normalise(member), out var known) ? this[known] : -1;

    private bool TryAdd(int index, string head, out bool isRepeated)
    {
        isRepeated = false;
        var name = Normalise(head);
        if (s_byName.TryGetValue(name, out var member))
        {
            isRepeated = this[member] >= 0;
            _byMember[(int)member] = index;
            return !isRepeated;
        }

        if (ItemPattern().Match(name) is { Success: true } item
            && int.Parse(item.Groups["number"].Value, CultureInfo.InvariantCulture) is >= 1 and <= MaxItems and var number)
        {
            isRepeated = !_items.TryAdd(number, index);
            return !isRepeated;
        }

        return false;
    }

    private static string DescribeNames() => $"{string.Join(", ", Names.Select(n => n.Value[0]))} and item1, item2, …";

    private static string DescribeSeparators(IReadOnlyList<string> heads) =>
        heads.Count == 1 ? ". The whole line was read as one column: columns are separated by comma, semicolon or tab" : "";

    private static string Normalise(string head) => string.Concat(head.Where(c => c is not (' ' or '_' or '-'))).ToLowerInvariant();

    [GeneratedRegex(@"^(item|q)(?<number>\d{1,3})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ItemPattern();
}
