using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>Reads the coefficient of a row from the columns r, n, z, yi, vi, sei, d, g, n1, n2, kendall, those of counts (ai, bi, ci, di) and those of means
/// (mean1, sd1, mean2, sd2). Of several, the first that is complete is read.</summary>
internal sealed class SheetStatistics(SheetMapping mapping)
{
    /// <summary>What a sheet needs to have coefficients.</summary>
    public const string Requirement =
        "the columns of a coefficient: r with n, Fisher z with n or its standard error, yi with vi or sei, d or g with n1 and n2, "
            + "kendall with n, the counts ai, bi, ci and di (or ai, n1, ci and n2), or mean1, sd1, n1, mean2, sd2 and n2";

    private const double MaxExactInteger = 9007199254740992;

    private static readonly string[] s_effects = ["r", "z", "yi", "d", "g", "kendall", "ai", "mean1"];

    private static readonly string[][] s_forms =
    [
        ["z", "sei"], ["r", "n"], ["z", "n"], ["yi", "vi"], ["yi", "sei"], ["g", "n1", "n2"], ["d", "n1", "n2"], ["g", "n"], ["d", "n"],
        ["kendall", "n"], ["ai", "bi", "ci", "di"], ["ai", "n1", "ci", "n2"], ["mean1", "sd1", "n1", "mean2", "sd2", "n2"],
    ];

    private static readonly string[] s_scores = ["mean1", "sd1", "mean2", "sd2"];

    // Effects that are pooled on their own scale.
    private static readonly string[][] s_rawForms = [["yi", "vi"], ["yi", "sei"], ["g", "vi"], ["g", "sei"], ["d", "vi"], ["d", "sei"], ["z", "sei"]];

    /// <summary>Whether the sheet has the columns of a coefficient that converts to Fisher z.</summary>
    public bool CanConvert => Available(s_forms).Any();

    /// <summary>Whether the sheet has the columns of an effect on a scale of its own.</summary>
    public bool CanReadRaw => Available(s_rawForms).Any();

    /// <summary>Whether the row has no coefficient at all.</summary>
    public bool HasNone(SheetRow row) => s_effects.All(member => IsMissing(row, member));

    /// <summary>The coefficient; null if none is complete, or a cell cannot be read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="fail">Called with the member of a cell that cannot be read, and the rule that it breaks.</param>
    public Statistic? Read(SheetRow row, Action<string, string> fail) => Find(s_forms, row) is { } form ? Create(form, row, fail) : null;

    /// <summary>Effect and variance on the scale of the sheet; null if the row has none.</summary>
    /// <inheritdoc cref="Read"/>
    public (double Yi, double Vi)? ReadRaw(SheetRow row, Action<string, string> fail)
    {
        if (Find(s_rawForms, row) is not [var effect, var precision] || Number(row, effect, fail) is not { } yi
            || Number(row, precision, fail) is not { } spread)
        {
            return null;
        }

        return (yi, precision == "sei" ? spread * spread : spread);
    }

    public double? Number(SheetRow row, string member, Action<string, string> fail)
    {
        var cell = mapping.CellOf(row, member);
        if (cell.IsEmpty || mapping.Values.IsMissing(cell, CsvCellType.Number))
        {
            return null;
        }

        var (value, rule) = mapping.Values.Read(cell, SheetColumns.Coefficients.First(column => column.Name == member));
        if (rule is not null)
        {
            fail(member, rule);
        }

        return value?.GetValue<double>();
    }

    public long? Count(SheetRow row, string member, Action<string, string> fail)
    {
        if (Number(row, member, fail) is not { } number)
        {
            return null;
        }

        if (Math.Truncate(number) == number && Math.Abs(number) <= MaxExactInteger)
        {
            return (long)number;
        }

        fail(member, "must be a whole number");
        return null;
    }

    /// <summary>Header of the column that a member of a statistic was read from.</summary>
    public string? HeadOf(SheetRow row, string statisticMember)
    {
        var form = Find(s_forms, row) ?? Available(s_forms).FirstOrDefault();
        var member = statisticMember switch
        {
            "value" or "yi" => form?[0],
            "vi" or "se" => form?.FirstOrDefault(name => name is "vi" or "sei"),
            "n" or "n1" or "n2" or "mean1" or "sd1" or "mean2" or "sd2" => statisticMember,
            "a" or "c" => statisticMember + 'i',
            "b" or "d" => form?.Contains(statisticMember + 'i') == true ? statisticMember + 'i' : statisticMember == "b" ? "n1" : "n2",
            _ => form?[0],
        };
        return member is null ? null : mapping.HeadOf(member);
    }

    private IEnumerable<string[]> Available(string[][] forms) => forms.Where(form => form.All(mapping.Has));

    private string[]? Find(string[][] forms, SheetRow row) => Array.Find(forms, form => form.All(member => mapping.Has(member) && !IsMissing(row, member)));

    private bool IsMissing(SheetRow row, string member) =>
        mapping.CellOf(row, member) is var cell && (cell.IsEmpty || mapping.Values.IsMissing(cell, CsvCellType.Number));

    private Statistic? Create(string[] form, SheetRow row, Action<string, string> fail) => form[0] switch
    {
        "ai" => Counts(form, row, fail),
        "mean1" => Means(row, fail),
        _ => Coefficient(form, row, fail),
    };

    private Statistic? Counts(string[] form, SheetRow row, Action<string, string> fail)
    {
        long?[] cells = [.. form.Select(member => Count(row, member, fail))];
        return cells is not [{ } a, { } second, { } c, { } fourth] ? null : form[1] == "bi"
            ? new() { Type = StatisticType.Counts, A = a, B = second, C = c, D = fourth }
            : new() { Type = StatisticType.Counts, A = a, B = second - a, C = c, D = fourth - c };
    }

    private Statistic? Means(SheetRow row, Action<string, string> fail)
    {
        double?[] scores = [.. s_scores.Select(member => Number(row, member, fail))];
        return (scores, Count(row, "n1", fail), Count(row, "n2", fail)) is not ([{ } mean1, { } sd1, { } mean2, { } sd2], { } n1, { } n2) ? null
            : new() { Type = StatisticType.Means, Mean1 = mean1, Sd1 = sd1, N1 = n1, Mean2 = mean2, Sd2 = sd2, N2 = n2 };
    }

    private Statistic? Coefficient(string[] form, SheetRow row, Action<string, string> fail)
    {
        var isOfGroups = form.Length == 3;
        var (n, n1, n2) = isOfGroups ? (null, Count(row, "n1", fail), Count(row, "n2", fail)) : (Count(row, "n", fail), (long?)null, (long?)null);
        var spread = form[1] is "vi" or "sei" ? Number(row, form[1], fail) : null;
        if (Number(row, form[0], fail) is not { } value)
        {
            return null;
        }

        return form switch
        {
            ["r", ..] => n is null ? null : new() { Type = StatisticType.R, Value = value, N = n },
            ["kendall", ..] => n is null ? null : new() { Type = StatisticType.Kendall, Value = value, N = n },
            ["z", "sei"] => spread is null ? null : new() { Type = StatisticType.FisherZ, Value = value, Se = spread },
            ["z", ..] => n is null ? null : new() { Type = StatisticType.FisherZ, Value = value, N = n },
            ["yi", var precision] => spread is not { } s ? null
                : new() { Type = StatisticType.Effect, Yi = value, Vi = precision == "sei" ? s * s : s, N = n },
            ["g", ..] => Group(StatisticType.G),
            _ => Group(StatisticType.D),
        };

        Statistic? Group(StatisticType type) => isOfGroups
            ? n1 is null || n2 is null ? null : new() { Type = type, Value = value, N1 = n1, N2 = n2 }
            : n is null ? null : new() { Type = type, Value = value, N = n };
    }
}
