using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>The studies of a sheet.</summary>
/// <param name="Items">One item per study, in order of first appearance.</param>
/// <param name="Response">How the columns were read.</param>
internal sealed record StudySheet(IReadOnlyList<BatchItem> Items, SheetMappingResponse Response)
{
    /// <summary>The sheet as a whole is rejected: a member is missing, or a column is wrong in more places than are listed.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>Converts a sheet with one row per effect to the JSON of studies, so that the same rules apply.</summary>
/// <remarks>Without a column, <c>study</c> is made from authors and year, authors and year from the label of the study, <c>key</c> is e1, e2, … within the
/// study, and <c>sample</c> is the study. A sample that is a whole number counts within its study.</remarks>
internal sealed partial class StudySheetReader
{
    private static readonly string[] s_required =
    [
        SheetColumns.Title, "kind", "outcomeType", "relationshipRater", "outcomeRater", "relationshipMeasure", "outcomeMeasure", SheetColumns.Direction,
        "level",
    ];

    private readonly Sheet _sheet;
    private readonly SheetMapping _mapping;
    private readonly SheetFaults _faults;
    private readonly SheetStatistics _statistics;
    private readonly StudyCsvColumn[] _columns;

    private StudySheetReader(Sheet sheet, SheetMapping mapping)
    {
        (_sheet, _mapping, _faults) = (sheet, mapping, new(sheet.LineName));
        _statistics = new(mapping);
        _columns = [.. mapping.Columns.Select(c => c.Column).Concat(mapping.Defaults).Where(column => !SheetColumns.Coefficients.Contains(column))];
    }

    public static StudySheet Read(Sheet sheet, SheetOptions options)
    {
        var (mapping, errors) = SheetMapping.Of(sheet, options);
        var reader = new StudySheetReader(sheet, mapping);
        var missing = reader.FindMissing().ToList();
        if (errors.Count > 0 || missing.Count > 0)
        {
            return new([], mapping.ToResponse(missing, errors, []))
            {
                Problem = Problem.Malformed([.. errors, .. missing.Select(m => new FieldError($"#/{m.Member}", ErrorCodes.Required, m.Detail))]),
            };
        }

        var items = sheet.Rows.Select(reader.ReadRow).GroupBy(row => row.StudyKey, StringComparer.Ordinal).Select(reader.ToBatchItem).ToList();
        return new(items, mapping.ToResponse([], reader._faults.ToErrors(), []))
        {
            Problem = reader._faults.AreSystematic ? Problem.Malformed([.. reader._faults.ToErrors()]) : null,
        };
    }

    // Of references and registered studies less is required, which the rules of studies say row by row.
    private IEnumerable<MissingMember> FindMissing()
    {
        if (!_mapping.Has(SheetColumns.Study) && !_mapping.Has(SheetColumns.Authors))
        {
            yield return _mapping.Missing(SheetColumns.Study, "a column that names the study, or columns of authors and year");
        }

        if (!_mapping.IsOwnTable && !_statistics.CanConvert)
        {
            yield return _mapping.MissingCoefficient("r", SheetStatistics.Requirement);
        }

        foreach (var member in s_required.Where(member => !_mapping.Has(member)
            && !(_mapping.Has("kind") && member is "outcomeType" or "relationshipRater" or "outcomeRater" && _sheet.Rows.All(IsReference))))
        {
            yield return _mapping.Missing(member, "a column of that name");
        }
    }

    private bool IsReference(SheetRow row) => _mapping.TextOf(row, "kind") is { } kind
        && SheetValues.FindChoice(kind, EnumNames<StudyKind>.All) == EnumNames<StudyKind>.Of(StudyKind.Reference);

    private Row ReadRow(SheetRow source)
    {
        var row = new Row(source, [], []);
        if (source.Fault is var (code, rule))
        {
            Fail(row, "#", code, null, rule);
        }

        foreach (var column in _columns)
        {
            var cell = _mapping.CellOf(source, column.Name);
            if (cell.IsEmpty || _mapping.Values.IsMissing(cell, column.Kind))
            {
                continue;
            }

            var (value, broken) = _mapping.Values.Read(cell, column);
            if (broken is not null)
            {
                Fail(row, PointerOf(column), ErrorCodes.NotAValue, column.Name, broken);
            }
            else
            {
                SetMember(column.IsStudyLevel ? row.StudyMembers : row.EffectMembers, column.Path, value);
            }
        }

        if (!_mapping.IsOwnTable)
        {
            AddStatistic(row);
        }

        DeriveStudy(row);
        return row;
    }

    private void AddStatistic(Row row)
    {
        var errors = row.Errors.Count;
        if (_statistics.Read(row.Source, (member, rule) => Fail(row, "#/effects/0/statistic", ErrorCodes.NotAValue, member, rule)) is { } statistic)
        {
            row.EffectMembers["statistic"] = JsonSerializer.SerializeToNode(statistic, StrictJson.Options);
        }
        else if (errors == row.Errors.Count)
        {
            Fail(row, "#/effects/0/statistic", ErrorCodes.Required, null, $"has no complete coefficient: {SheetStatistics.Requirement}");
        }
    }

    private void DeriveStudy(Row row)
    {
        var label = _mapping.TextOf(row.Source, SheetColumns.Study);
        var (authors, year) = (_mapping.TextOf(row.Source, SheetColumns.Authors), _mapping.TextOf(row.Source, SheetColumns.Year));
        if (label is not null && StudyNames.ToCitation(label) is var (namedAuthors, namedYear))
        {
            Derive(SheetColumns.Authors, JsonValue.Create(namedAuthors));
            Derive(SheetColumns.Year, JsonValue.Create(namedYear));
        }

        row.StudyMembers["key"] = StudyNames.ToKey(label ?? $"{authors} {year}") is { } key ? key : label ?? "";
        if (_mapping.TextOf(row.Source, SheetColumns.Key) is { } effect)
        {
            row.EffectMembers["key"] = StudyNames.ToKey(effect) ?? effect;
        }

        void Derive(string member, JsonNode value)
        {
            if (!_mapping.Has(member))
            {
                SetMember(row.StudyMembers, member.Split('.'), value);
            }
        }
    }

    private BatchItem ToBatchItem(IGrouping<string, Row> rows)
    {
        Row[] all = [.. rows];
        var study = all[0].StudyMembers;
        foreach (var (i, row) in all.Index())
        {
            row.EffectMembers["key"] ??= $"e{i + 1}";
            row.EffectMembers["sample"] = SampleOf(row) ?? study["key"]!.ToString();
        }

        study["effects"] = new JsonArray([.. all.Select(row => (JsonNode)row.EffectMembers)]);
        var errors = all.Index().SelectMany(row => row.Item.Errors.Select(error => error with
        {
            Pointer = error.Pointer.Replace("#/effects/0", $"#/effects/{row.Index}", StringComparison.Ordinal),
        })).Concat(all.Skip(1).SelectMany(row => FindConflicts(study, row))).ToList();
        return new BatchItem(study.Deserialize<JsonElement>(), errors) { MapError = error => WithPlace(error, all) };
    }

    private string? SampleOf(Row row) => row.EffectMembers["sample"] is not { } sample ? null
        : !_mapping.IsOwnTable && long.TryParse(sample.ToString(), out _) ? $"{row.StudyKey} {sample}" : sample.ToString();

    private IEnumerable<FieldError> FindConflicts(JsonObject study, Row row) => StudyCsvColumns.All
        .Where(column => column.IsStudyLevel && !JsonNode.DeepEquals(column.ValueIn(study), column.ValueIn(row.StudyMembers)))
        .Select(column => new FieldError(PointerOf(column), "rowsDisagree",
            SheetFaults.At(_sheet.LineName, row.Source.Line, _mapping.HeadOf(column.Name), "differs from the first row of the study")));

    private FieldError WithPlace(FieldError error, Row[] rows)
    {
        var match = EffectPointer().Match(error.Pointer);
        var row = rows[match.Success ? int.Parse(match.Groups["index"].Value) : 0].Source;
        string[] path = (match.Success ? match.Groups["rest"].Value : error.Pointer[1..]).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return error with { Detail = SheetFaults.At(_sheet.LineName, row.Line, HeadOf(row, path, isStudyLevel: !match.Success), error.Detail) };
    }

    private string? HeadOf(SheetRow row, string[] path, bool isStudyLevel)
    {
        if (path.Length == 0)
        {
            return null;
        }

        var column = SheetColumns.All.FirstOrDefault(c => c.IsStudyLevel == isStudyLevel && c.Path.SequenceEqual(path))?.Name ?? string.Join('.', path);
        return path[0] == "statistic" && !_mapping.IsOwnTable ? _statistics.HeadOf(row, path[^1]) : _mapping.HeadOf(column);
    }

    private void Fail(Row row, string pointer, string code, string? member, string rule)
    {
        var head = member is null ? "" : _mapping.HeadOf(member);
        _faults.Add(code, head, rule, row.Source.Line);
        row.Errors.Add(new(pointer, code, SheetFaults.At(_sheet.LineName, row.Source.Line, head, rule)));
    }

    private static string PointerOf(StudyCsvColumn column) =>
        (column.IsStudyLevel ? "#/" : "#/effects/0/") + string.Join('/', column.Path.Select(JsonPointer.Escape));

    private static void SetMember(JsonObject target, string[] path, JsonNode? value)
    {
        foreach (var member in path[..^1])
        {
            if (target[member] is not JsonObject inner)
            {
                target[member] = inner = [];
            }

            target = inner;
        }

        target[path[^1]] = value;
    }

    [GeneratedRegex(@"^#/effects/(?<index>[0-9]+)(?<rest>/.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EffectPointer();

    private sealed record Row(SheetRow Source, JsonObject StudyMembers, JsonObject EffectMembers)
    {
        public List<FieldError> Errors { get; } = [];

        public string StudyKey => StudyMembers["key"]!.ToString();
    }
}
