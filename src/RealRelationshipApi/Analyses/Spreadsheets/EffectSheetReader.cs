using System.Text.Json;
using System.Text.Json.Nodes;

using FluentValidation;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Analyses.Spreadsheets;

/// <summary>Converts a sheet with one row per effect to effects to analyse.</summary>
internal sealed class EffectSheetReader
{
    private readonly Sheet _sheet;
    private readonly SheetMapping _mapping;
    private readonly SheetFaults _faults;
    private readonly SheetStatistics _statistics;
    private readonly IValidator<Statistic> _validator;
    private readonly bool _isRaw;
    private readonly StudyCsvColumn[] _moderators;
    private int _reversed;
    private int _withoutEffect;
    private int _withoutYear;
    private int _converted;
    private bool _hasFailed;

    private EffectSheetReader(Sheet sheet, SheetMapping mapping, EffectMeasure? measure, IValidator<Statistic> validator)
    {
        (_sheet, _mapping, _faults, _statistics, _validator) = (sheet, mapping, new(sheet.LineName), new(mapping), validator);
        _isRaw = measure == EffectMeasure.Raw || (measure is null && !mapping.IsOwnTable && !_statistics.CanConvert && _statistics.CanReadRaw);
        StudyCsvColumn[] columns = [.. mapping.Columns.Select(c => c.Column), .. mapping.Defaults];
        _moderators = [.. columns.Where(IsModerator)];
    }

    public static EffectSheet Read(Sheet sheet, SheetOptions options, EffectMeasure? measure, IValidator<Statistic> validator)
    {
        var (mapping, errors) = SheetMapping.Of(sheet, options);
        var reader = new EffectSheetReader(sheet, mapping, measure, validator);
        if (reader.FindMissing() is { } missing)
        {
            return new([], null, mapping.ToResponse([missing], errors, []))
            {
                Errors = [.. errors, new FieldError($"#/{missing.Member}", ErrorCodes.Required, missing.Detail)],
            };
        }

        return errors.Count > 0 ? new([], null, mapping.ToResponse([], errors, [])) { Errors = errors } : reader.Read();
    }

    private EffectSheet Read()
    {
        var (effects, rows) = (new List<InlineEffect>(), new List<SheetRow>());
        foreach (var row in _sheet.Rows)
        {
            if (row.Fault is var (code, rule))
            {
                _faults.Add(code, "", rule, row.Line);
            }
            else if (ReadEffect(row) is { } effect)
            {
                effects.Add(effect);
                rows.Add(row);
            }
        }

        var errors = _faults.ToErrors();
        return new(WithUniqueIds(effects), _isRaw ? EffectMeasure.Raw : null, _mapping.ToResponse([], errors, [.. Warnings()]))
        {
            Rows = rows, Errors = errors, HeadOf = HeadOf,
        };
    }

    private MissingMember? FindMissing() => _isRaw
        ? _statistics.CanReadRaw ? null : _mapping.MissingCoefficient("yi", "with measure=raw, yi with vi or sei")
        : _mapping.IsOwnTable || _statistics.CanConvert ? null : _mapping.MissingCoefficient("r", SheetStatistics.Requirement);

    private InlineEffect? ReadEffect(SheetRow row)
    {
        if (_statistics.HasNone(row) && !_mapping.IsOwnTable)
        {
            _withoutEffect++;
            return null;
        }

        var study = _mapping.TextOf(row, SheetColumns.Study);
        var (authors, year) = (_mapping.TextOf(row, SheetColumns.Authors), Year(row, study));
        study ??= authors is null ? null : year is null ? authors : $"{authors} ({year})";
        var sample = _mapping.TextOf(row, SheetColumns.Sample);
        var effect = new InlineEffect
        {
            Id = IdOf(row, study), Study = study, Year = year,
            Sample = sample is null ? study : long.TryParse(sample, out _) && study is not null ? $"{study} {sample}" : sample,
            N = _statistics.Count(row, "n", Fail(row)), Moderators = ReadModerators(row, year),
        };
        return _isRaw ? WithRaw(effect, row) : IsComputed ? WithComputed(effect, row) : WithStatistic(effect, row);
    }

    // An effects table of this service has the computed effect beside the statistic.
    private bool IsComputed => _mapping.IsOwnTable && _mapping.HasColumn("yi") && _mapping.HasColumn("vi");

    private string? IdOf(SheetRow row, string? study) => _mapping.TextOf(row, SheetColumns.Key) is not { } key ? null
        : study is not null && _mapping.IsOwnTable ? $"{study}/{key}" : key;

    private InlineEffect? WithRaw(InlineEffect effect, SheetRow row) => _statistics.ReadRaw(row, Fail(row)) is var (yi, vi)
        ? effect with { Yi = Oriented(yi, row), Vi = vi } : Incomplete(row);

    private InlineEffect? WithComputed(InlineEffect effect, SheetRow row) => _statistics.ReadRaw(row, Fail(row)) is var (yi, vi)
        ? effect with { Yi = yi, Vi = vi } : Incomplete(row);

    private InlineEffect? WithStatistic(InlineEffect effect, SheetRow row)
    {
        if ((_mapping.IsOwnTable ? ReadReported(row) : _statistics.Read(row, Fail(row))) is not { } statistic)
        {
            return Incomplete(row);
        }

        switch (statistic)
        {
            case { Type: StatisticType.R, Value: { } r, Df: null, Dichotomized: null, Lower: null }:
                return effect with { R = Oriented(r, row), N = statistic.N };
            case { Type: StatisticType.Effect, Yi: { } yi, Vi: { } vi }:
                return effect with { Yi = Oriented(yi, row), Vi = vi };
            default:
                return Convert(effect, statistic, row);
        }
    }

    private InlineEffect? Convert(InlineEffect effect, Statistic statistic, SheetRow row)
    {
        var errors = _validator.GetErrors(statistic);
        var (converted, error) = errors.Count > 0 ? (null, errors[0])
            : StatisticConversion.TryToFisherZ(statistic, EffectLevel.BetweenClient, sessions: null, "#");
        if (error is not null)
        {
            _faults.Add(error.Code, _statistics.HeadOf(row, error.Pointer.Split('/')[^1]) ?? "", error.Detail, row.Line);
            return null;
        }

        if (converted is not { } z)
        {
            _faults.Add("kindMismatch", _mapping.HeadOf(SheetColumns.StatisticType), "is a published pooled result, which is no effect to pool", row.Line);
            return null;
        }

        _converted += z.Converted ? 1 : 0;
        return effect with { Yi = Oriented(z.Estimate, row), Vi = z.Variance, N = effect.N ?? (long?)z.SampleSize };
    }

    // The columns statistic.*, as they would be submitted.
    private Statistic? ReadReported(SheetRow row)
    {
        var members = new JsonObject();
        foreach (var column in _mapping.Columns.Select(c => c.Column).Where(column => column.Path[0] == "statistic"))
        {
            if (Value(row, column) is { } value)
            {
                members[column.Path[1]] = value;
            }
        }

        try
        {
            return members.Deserialize<Statistic>(StrictJson.Options);
        }
        catch (JsonException error)
        {
            foreach (var fault in StrictJson.ToErrors(error))
            {
                _faults.Add(fault.Code, _mapping.HeadOf($"statistic.{fault.Pointer.TrimStart('#', '/')}"), fault.Detail, row.Line);
            }

            return null;
        }
    }

    private InlineEffect? Incomplete(SheetRow row)
    {
        if (!_hasFailed)
        {
            _faults.Add(ErrorCodes.Required, "", _isRaw ? "has no variance beside its effect: yi with vi or sei"
                : $"has no complete coefficient: {SheetStatistics.Requirement}", row.Line);
        }

        return null;
    }

    private Action<string, string> Fail(SheetRow row)
    {
        _hasFailed = false;
        return (member, rule) =>
        {
            _hasFailed = true;
            _faults.Add(ErrorCodes.NotAValue, _mapping.HeadOf(member), rule, row.Line);
        };
    }

    private double Oriented(double effect, SheetRow row)
    {
        if (_mapping.TextOf(row, SheetColumns.Direction) is not { } direction
            || SheetValues.FindChoice(direction, EnumNames<OutcomeDirection>.All) != EnumNames<OutcomeDirection>.Of(OutcomeDirection.HigherIsWorse))
        {
            return effect;
        }

        _reversed++;
        return -effect + 0.0;
    }

    private long? Year(SheetRow row, string? study)
    {
        if (!_mapping.Has(SheetColumns.Year))
        {
            return study is null ? null : StudyNames.ToCitation(study)?.Year;
        }

        var cell = _mapping.CellOf(row, SheetColumns.Year);
        if (cell.IsEmpty || _mapping.Values.IsMissing(cell, CsvCellType.Number))
        {
            return null;
        }

        if (cell.Kind is SheetCellKind.Text or SheetCellKind.Number && _mapping.Values.TryParse(cell, out var year) && Math.Truncate(year) == year
            && Math.Abs(year) < 1e9)
        {
            return (long)year;
        }

        _withoutYear++;
        return null;
    }

    // A sheet may number its effects within the study.
    private static List<InlineEffect> WithUniqueIds(List<InlineEffect> effects) => AreUnique(effects) ? effects
        : effects.ConvertAll(effect => effect with { Id = $"{effect.Study}/{effect.Id}" }) is var named && AreUnique(named) ? named
        : effects.ConvertAll(effect => effect with { Id = null });

    private static bool AreUnique(List<InlineEffect> effects) =>
        effects.Where(effect => effect.Id is not null).Select(effect => effect.Id).Distinct(StringComparer.Ordinal).Count()
            == effects.Count(effect => effect.Id is not null);

    private SortedDictionary<string, ModeratorValue>? ReadModerators(SheetRow row, long? year)
    {
        var moderators = new SortedDictionary<string, ModeratorValue>(StringComparer.Ordinal);
        if (year is { } known)
        {
            moderators["year"] = ModeratorValue.Of((double)known);
        }

        foreach (var column in _moderators)
        {
            if (ModeratorOf(row, column) is { } value)
            {
                moderators[column.Path[^1]] = value;
            }
        }

        return moderators.Count > 0 ? moderators : null;
    }

    // A value that is none of a choice is a level of its own.
    private ModeratorValue? ModeratorOf(SheetRow row, StudyCsvColumn column)
    {
        var cell = _mapping.CellOf(row, column.Name);
        if (cell.IsEmpty || _mapping.Values.IsMissing(cell, column.Kind))
        {
            return null;
        }

        if (column.Kind is not (CsvCellType.Choice or CsvCellType.Boolean))
        {
            return Value(row, column) is not { } value ? null
                : value.GetValueKind() == JsonValueKind.Number ? ModeratorValue.Of(value.GetValue<double>()) : ModeratorValue.Parse(value.ToString());
        }

        return ModeratorValue.Parse(SheetValues.FindChoice(cell.Text!, column.Choices) ?? cell.Text!.Trim());
    }

    private JsonNode? Value(SheetRow row, StudyCsvColumn column)
    {
        var cell = _mapping.CellOf(row, column.Name);
        if (cell.IsEmpty || _mapping.Values.IsMissing(cell, column.Kind))
        {
            return null;
        }

        var (value, rule) = _mapping.Values.Read(cell, column);
        if (rule is not null)
        {
            Fail(row)(column.Name, rule);
        }

        return value;
    }

    private IEnumerable<Warning> Warnings()
    {
        if (_reversed > 0)
        {
            yield return new("signReversed", $"{_reversed} of {_sheet.Rows.Count} effects have outcomeDirection higherIsWorse; their signs were reversed.");
        }

        if (_withoutEffect > 0)
        {
            yield return new("rowsWithoutEffect", $"{_withoutEffect} of {_sheet.Rows.Count} rows have no coefficient and were left out.");
        }

        if (_withoutYear > 0)
        {
            yield return new("yearNotRead", $"{_withoutYear} of {_sheet.Rows.Count} rows have a year that is no whole number; it was left out.");
        }

        if (_converted > 0)
        {
            yield return Warning.WithAdvice("convertedEffects",
                $"{_converted} of {_sheet.Rows.Count} effects were converted to Fisher z from other statistics.",
                "measure=raw pools standardized mean differences on their own scale.");
        }

        if (_isRaw)
        {
            yield return new("rawScale", "The effects were pooled on their own scale, as read from the sheet.");
        }
    }

    private string? HeadOf(SheetRow row, string member) => member switch
    {
        "" => null,
        "id" => _mapping.HeadOf(SheetColumns.Key),
        "study" => _mapping.HeadOf(SheetColumns.Study),
        "sample" => _mapping.HeadOf(_mapping.Has(SheetColumns.Sample) ? SheetColumns.Sample : SheetColumns.Study),
        "year" => _mapping.HeadOf(SheetColumns.Year),
        "r" => _statistics.HeadOf(row, "value"),
        "n" => _mapping.HeadOf("n"),
        "yi" or "vi" => _statistics.HeadOf(row, member) ?? _mapping.HeadOf(member),
        _ => _mapping.HeadOf(_mapping.HasColumn(StudyCsvColumns.ModeratorPrefix + member) ? StudyCsvColumns.ModeratorPrefix + member : member),
    };

    private static bool IsModerator(StudyCsvColumn column) => column.Kind == CsvCellType.Moderator
        || (column.Path is [not ("key" or "note" or "sample" or "adjustedFor" or "riskOfBias")] && !SheetColumns.Coefficients.Contains(column));
}
