using System.Globalization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>Errors of the cells of a sheet: one per rule and column, with the number of cells and the first places.</summary>
internal sealed class SheetFaults(string lineName)
{
    public const int MaxPlaces = 10;

    private readonly Dictionary<(string Code, string Head, string Rule), Places> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Whether a rule is broken in more places than are listed, so that it concerns the column rather than single cells.</summary>
    public bool AreSystematic => _faults.Values.Any(places => places.Count > MaxPlaces);

    /// <param name="code">Code of the error.</param>
    /// <param name="head">Header of the column; empty for the row as a whole.</param>
    /// <param name="rule">What is allowed.</param>
    /// <param name="line">Line of the cell.</param>
    public void Add(string code, string head, string rule, long line)
    {
        if (!_faults.TryGetValue((code, head, rule), out var places))
        {
            _faults[(code, head, rule)] = places = new();
        }

        // A cell may be read more than once.
        if (places.Last == line)
        {
            return;
        }

        places.Last = line;
        if (++places.Count <= MaxPlaces)
        {
            places.First.Add(line);
        }
    }

    public IReadOnlyList<FieldError> ToErrors() =>
    [
        .. _faults.Select(fault => new FieldError(fault.Key.Head.Length == 0 ? "#" : $"#/{JsonPointer.Escape(fault.Key.Head)}", fault.Key.Code,
            $"{Describe(fault.Value)}{(fault.Key.Head.Length == 0 ? "" : $", column {fault.Key.Head}")}: {fault.Key.Rule}")),
    ];

    /// <summary>The detail of an error in one cell.</summary>
    public static string At(string lineName, long line, string? head, string rule) =>
        $"{lineName} {line}{(string.IsNullOrEmpty(head) ? "" : $", column {head}")}: {rule}";

    private string Describe(Places places) => places switch
    {
        { Count: 1 } => $"{lineName} {places.First[0]}",
        { Count: > MaxPlaces } =>
            $"{lineName}s {string.Join(", ", places.First)} and {(places.Count - MaxPlaces).ToString("N0", CultureInfo.InvariantCulture)} more",
        _ => $"{lineName}s {string.Join(", ", places.First.SkipLast(1))} and {places.First[^1]}",
    };

    private sealed class Places
    {
        public int Count { get; set; }

        public long Last { get; set; }

        public List<long> First { get; } = [];
    }
}
