using System.Text;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>The columns of a sheet: by the sender's word, by their headers, or as free moderators.</summary>
internal sealed class SheetMapping
{
    private const int MaxModeratorLength = 64;

    private readonly Sheet _sheet;
    private readonly StudyCsvColumn?[] _columns;
    private readonly Dictionary<string, int> _indices;
    private readonly Dictionary<string, SheetCell> _defaults;

    private SheetMapping(Sheet sheet, StudyCsvColumn?[] columns, SheetOptions options)
    {
        (_sheet, _columns) = (sheet, columns);
        _indices = Columns.ToDictionary(c => c.Column.Name, c => c.Index, StringComparer.Ordinal);
        _defaults = options.Defaults.ToDictionary(d => d.Column.Name, d => new SheetCell(d.Value), StringComparer.Ordinal);
        Defaults = [.. options.Defaults.Select(d => d.Column)];
        IsOwnTable = _sheet.Heads.Contains(SheetColumns.StatisticType);
        Values = SheetValues.For(sheet, Columns, IsOwnTable);
    }

    /// <summary>Columns that are read, with their places in the sheet.</summary>
    public IEnumerable<(int Index, StudyCsvColumn Column)> Columns => _columns.Index().Where(c => c.Item is not null).Select(c => (c.Index, c.Item!));

    /// <summary>Columns that the query gives.</summary>
    public IReadOnlyList<StudyCsvColumn> Defaults { get; }

    /// <summary>Whether the sheet is an effects table of this service, which has computed columns beside those of the statistic.</summary>
    public bool IsOwnTable { get; }

    public SheetValues Values { get; }

    /// <summary>Finds the columns of a sheet.</summary>
    /// <returns>The mapping and all errors of headers and options.</returns>
    public static (SheetMapping Mapping, IReadOnlyList<FieldError> Errors) Of(Sheet sheet, SheetOptions options)
    {
        var errors = new List<FieldError>();
        var columns = new StudyCsvColumn?[sheet.Heads.Count];
        var isDecided = new bool[sheet.Heads.Count];
        foreach (var (head, member) in options.Columns)
        {
            foreach (var i in Find(head, "as"))
            {
                columns[i] = SheetOptions.FindColumn(member);
            }
        }

        foreach (var head in options.Ignored)
        {
            _ = Find(head, "ignore");
        }

        FindByHead(sheet, columns, isDecided);
        RejectRepeated(sheet, columns, isDecided, errors);
        NameModerators(sheet, columns, isDecided);
        errors.AddRange(options.Defaults.Where(d => Array.Exists(columns, c => c?.Name == d.Column.Name)).Select(d => new FieldError($"?{d.Column.Name}",
            "columnExists", $"is a column of the sheet: ignore={sheet.Heads[Array.FindIndex(columns, c => c?.Name == d.Column.Name)]} leaves it out")));
        return (new(sheet, columns, options), errors);

        IReadOnlyList<int> Find(string head, string option)
        {
            int[] found = [.. sheet.Heads.Index().Where(h => h.Item == head).Select(h => h.Index)];
            if (found.Length == 0)
            {
                found = [.. sheet.Heads.Index().Where(h => SimilarNames.Normalize(h.Item) == SimilarNames.Normalize(head)).Select(h => h.Index)];
            }

            if (found.Length == 0)
            {
                errors.Add(new($"?{option}", ErrorCodes.NotAValue,
                    $"names the header '{NameList.Of([head])}', which the sheet does not have; it has {string.Join(", ", sheet.Heads)}"));
            }

            Array.ForEach(found, i => isDecided[i] = true);
            return found;
        }
    }

    /// <summary>A free moderator as a column.</summary>
    public static StudyCsvColumn Moderator(string name) =>
        new(StudyCsvColumns.ModeratorPrefix + name, CsvCellType.Moderator, false, ["moderators", name]);

    public bool Has(string member) => _indices.ContainsKey(member) || _defaults.ContainsKey(member);

    public bool HasColumn(string member) => _indices.ContainsKey(member);

    /// <summary>Header of the column of a member; the member itself if the query gives it.</summary>
    public string HeadOf(string member) => _indices.TryGetValue(member, out var index) ? _sheet.Heads[index] : member;

    /// <summary>The cell of a member, otherwise its default.</summary>
    public SheetCell CellOf(SheetRow row, string member) =>
        _indices.TryGetValue(member, out var index) ? row[index] : _defaults.GetValueOrDefault(member);

    /// <summary>The text of a member; null if it is missing.</summary>
    public string? TextOf(SheetRow row, string member) =>
        CellOf(row, member) is { IsEmpty: false } cell && !Values.IsMissing(cell, CsvCellType.Text) ? cell.Text!.Trim() : null;

    /// <summary>The response that shows this mapping.</summary>
    public SheetMappingResponse ToResponse(IReadOnlyList<MissingMember> missing, IReadOnlyList<FieldError> errors, IReadOnlyList<Warning> warnings) => new(
        _sheet.Rows.Count,
        [.. _sheet.Heads.Select((head, i) => new MappedColumn(head, MemberOf(_columns[i]),
            _sheet.Rows.Select(row => row[i].Text).FirstOrDefault(text => !string.IsNullOrEmpty(text))))],
        _defaults.ToDictionary(d => d.Key, d => d.Value.Text!, StringComparer.Ordinal), missing, errors, [.. _sheet.Warnings, .. warnings]);

    /// <summary>A missing member, with the header that looks like it.</summary>
    public MissingMember Missing(string member, string what)
    {
        string[] unknown = [.. Columns.Where(c => c.Column.Kind == CsvCellType.Moderator).Select(c => _sheet.Heads[c.Index])];
        var similar = unknown.FirstOrDefault(head => SimilarNames.Nearest(head, SheetColumns.All.Select(column => column.Name)) == member)
            ?? SimilarNames.Nearest(member, unknown);
        return new(member, $"is required: {what}, or ?{member}=… for all rows"
            + (similar is null ? "" : $"; the column '{similar}' may be it: as={similar}:{member}"));
    }

    /// <summary>The coefficient that is missing.</summary>
    public MissingMember MissingCoefficient(string member, string what) =>
        new(member, $"is required: {what}. The headers are {(_sheet.Heads.Count == 0 ? "missing" : NameList.Of([.. _sheet.Heads]))}");

    private static string? MemberOf(StudyCsvColumn? column) => column?.Name;

    // Of several columns of one member, the one whose name comes first is read; the others are moderators.
    private static void FindByHead(Sheet sheet, StudyCsvColumn?[] columns, bool[] isDecided)
    {
        var taken = columns.OfType<StudyCsvColumn>().Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var found = sheet.Heads.Index().Where(head => !isDecided[head.Index])
            .Select(head => (head.Index, Head: head.Item, Match: SheetColumns.Find(head.Item))).Where(head => head.Match is not null)
            .GroupBy(head => head.Match!.Value.Column.Name, StringComparer.Ordinal);
        foreach (var same in found.Where(same => !taken.Contains(same.Key)))
        {
            // A column of a standard that begins with a point is the computed one; Comprehensive Meta-Analysis repeats heads, the computed column last.
            var best = same.OrderBy(head => head.Match!.Value.Rank).ThenBy(head => head.Head.StartsWith('.') ? 0 : 1)
                .ThenBy(head => IsComprehensive(sheet) ? -head.Index : head.Index).First();
            columns[best.Index] = best.Match!.Value.Column;
            isDecided[best.Index] = true;
            foreach (var repeated in same.Where(other => IsComprehensive(sheet) && other.Head == best.Head))
            {
                isDecided[repeated.Index] = true;
            }
        }

        foreach (var (i, head) in sheet.Heads.Index().Where(head => !isDecided[head.Index]))
        {
            isDecided[i] = SheetColumns.IsComputed(head) || (head == StudyCsvColumns.NotesColumn && sheet.Heads.Contains(SheetColumns.StatisticType));
        }
    }

    // Study name, Correlation, Std Err, Fisher's Z, Std Err: the last Std Err is that of Fisher's Z.
    private static bool IsComprehensive(Sheet sheet) => sheet.Heads.Any(head => SimilarNames.Normalize(head) == "fishersz");

    private static void RejectRepeated(Sheet sheet, StudyCsvColumn?[] columns, bool[] isDecided, List<FieldError> errors)
    {
        foreach (var (i, head) in sheet.Heads.Index().Where(head => head.Item.Length > 0))
        {
            var first = sheet.Heads.Index().First(other => other.Item == head).Index;
            if (first < i && (!isDecided[i] || !isDecided[first]) && !IsComprehensive(sheet))
            {
                errors.Add(new($"#/{JsonPointer.Escape(head)}", "duplicateColumn", "stands more than once in the header"));
            }
        }

        var repeatedMembers = columns.Index().Where(c => c.Item is not null).GroupBy(c => c.Item!.Name, StringComparer.Ordinal)
            .Where(same => same.Count() > 1).ToList();
        foreach (var same in repeatedMembers)
        {
            errors.Add(new($"#/{JsonPointer.Escape(sheet.Heads[same.Last().Index])}", "duplicateColumn",
                $"is {same.Key}, as is column {sheet.Heads[same.First().Index]}: leave one out with ignore="));
            foreach (var (i, _) in same.Skip(1))
            {
                columns[i] = null;
            }
        }
    }

    private static void NameModerators(Sheet sheet, StudyCsvColumn?[] columns, bool[] isDecided)
    {
        var taken = columns.OfType<StudyCsvColumn>().Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (i, head) in sheet.Heads.Index().Where(head => !isDecided[head.Index]))
        {
            var name = ModeratorName(head);
            var unique = name;
            for (var n = 2; !taken.Add(StudyCsvColumns.ModeratorPrefix + unique); n++)
            {
                unique = $"{name}_{n}";
            }

            columns[i] = Moderator(unique);
        }
    }

    // Letters and digits of ASCII, '_' and '-'; begins with a letter. A name in the words of this service stays as it is.
    private static string ModeratorName(string head)
    {
        if (head.StartsWith(StudyCsvColumns.ModeratorPrefix, StringComparison.Ordinal))
        {
            return head[StudyCsvColumns.ModeratorPrefix.Length..];
        }

        var name = new StringBuilder();
        foreach (var c in head)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            {
                name.Append(c);
            }
            else if (name.Length > 0 && name[^1] != '_')
            {
                name.Append('_');
            }
        }

        var trimmed = name.ToString().Trim('_', '-');
        var started = trimmed.Length == 0 || !char.IsAsciiLetter(trimmed[0]) ? $"x{trimmed}" : trimmed;
        return started.Length <= MaxModeratorLength - 4 ? started : started[..(MaxModeratorLength - 4)];
    }
}
