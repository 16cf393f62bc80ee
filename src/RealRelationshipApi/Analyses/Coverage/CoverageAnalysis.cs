using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Coverage;

/// <summary><c>/meta/coverage</c>: counts the evidence by raters, type of outcome, level and country, and the combinations without any.</summary>
internal static class CoverageAnalysis
{
    /// <summary>Number of countries whose empty cells are listed, too.</summary>
    public const int MaxCountries = 20;

    public static (CoverageResponse? Response, Problem? Problem) Run(EffectSet effects, CoverageRequest request, ErrorLocation location)
    {
        // Defaults of 0.1 set a prediction.
        if (request.Model is { } model && model with { Prediction = request.Defaults is null ? model.Prediction : null } != new ModelRequest())
        {
            return (null, Problem.Invalid([new FieldError(location.Member("model"), "notAllowed", "does not apply: nothing is fitted here")]));
        }

        if (request.Add is not null)
        {
            return (null, Problem.Invalid([new FieldError(location.Member("add"), "notAllowed", "does not apply: only evidence is counted here")]));
        }

        var counted = Count(effects);
        var countries = counted.GroupBy(cell => cell.Key.Country, StringComparer.Ordinal)
            .Select(country => (Country: country.Key, Effects: country.Sum(cell => cell.Value.Effects)))
            .Where(country => country.Country is not null || country.Effects > 0)
            .OrderByDescending(country => country.Effects).ThenBy(country => country.Country, StringComparer.Ordinal)
            .Select(country => country.Country).ToList();
        List<string?> crossed = [.. request.Filter?.Country?.Values.Distinct(StringComparer.Ordinal) ?? countries];
        foreach (var key in Combinations(request.ResolvedFilter, crossed.Count > 0 ? [.. crossed.Take(MaxCountries)] : [null]))
        {
            counted.TryAdd(key, new());
        }

        return (new CoverageResponse
        {
            Cells = [.. counted.OrderBy(cell => Order(cell.Key.RelationshipRater)).ThenBy(cell => Order(cell.Key.OutcomeRater))
                .ThenBy(cell => Order(cell.Key.OutcomeType)).ThenBy(cell => Order(cell.Key.Level))
                .ThenBy(cell => cell.Key.Country ?? "~", StringComparer.Ordinal)
                .Select(cell => ToResponse(cell.Key, cell.Value))],
            Counts = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], ResolvedModel.Resolve(null, effects, location).Model!).Counts(),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings.Where(warning => warning.Code != "mixedLevels"), .. crossed.Count > MaxCountries
                ? [new Warning("emptyCellsLeftOut",
                    $"{crossed.Count} countries: empty cells are listed for the {MaxCountries} with the most effects. Choose others with country=.")]
                : Array.Empty<Warning>()],
        }, null);
    }

    private static Dictionary<Key, Cell> Count(EffectSet effects)
    {
        var cells = new Dictionary<Key, Cell>();
        var (relationship, outcome, type, level, country) = (Texts("relationshipRater"), Texts("outcomeRater"), Texts("outcomeType"), Texts("level"),
            Texts("country"));
        for (var i = 0; i < effects.Count; i++)
        {
            CellOf(new(Parse<Rater>(relationship[i]), Parse<Rater>(outcome[i]), Parse<OutcomeType>(type[i]), Parse<EffectLevel>(level[i]), country[i]))
                .Add(effects.Samples[i], effects.Participants[i]);
        }

        foreach (var study in effects.Registered)
        {
            CellOf(new(null, null, null, null, study.Country)).Registered++;
        }

        return cells;

        string?[] Texts(string field) => effects.ModeratorValues(field)?.Select(value => value?.Text).ToArray() ?? new string?[effects.Count];

        Cell CellOf(Key key)
        {
            if (!cells.TryGetValue(key, out var cell))
            {
                cells.Add(key, cell = new());
            }

            return cell;
        }
    }

    private static IEnumerable<Key> Combinations(FilterRequest filter, IReadOnlyList<string?> countries) =>
        from relationship in Admitted(filter.RelationshipRater)
        from outcome in Admitted(filter.OutcomeRater)
        from type in Admitted(filter.OutcomeType)
        from level in Levels(filter)
        from country in countries
        select new Key(relationship, outcome, type, level, country);

    private static IEnumerable<T> Admitted<T>(OneOrMany<T>? chosen) where T : struct, Enum => chosen?.Values.Distinct() ?? Enum.GetValues<T>();

    private static IEnumerable<EffectLevel> Levels(FilterRequest filter) => filter.Level!.Values.Contains(LevelChoice.All) ? Enum.GetValues<EffectLevel>()
        : filter.Level.Values.Distinct().Select(level => EnumNames<EffectLevel>.Parse(EnumNames<LevelChoice>.Of(level)));

    private static T? Parse<T>(string? text) where T : struct, Enum => text is not null && EnumNames<T>.TryParse(text, out var value) ? value : null;

    // What is not reported comes last.
    private static int Order<T>(T? value) where T : struct, Enum => value is { } known ? System.Convert.ToInt32(known) : int.MaxValue;

    private static CoverageCell ToResponse(Key key, Cell cell) => new(key.RelationshipRater, key.OutcomeRater, key.OutcomeType, key.Level, key.Country,
        cell.Effects, cell.Participants.Count, cell.Participants.Values.Sum(n => n ?? 0), cell.Registered);

    private sealed record Key(Rater? RelationshipRater, Rater? OutcomeRater, OutcomeType? OutcomeType, EffectLevel? Level, string? Country);

    private sealed class Cell
    {
        public int Effects { get; private set; }

        public int Registered { get; set; }

        /// <summary>Largest known number of participants of each sample.</summary>
        public Dictionary<string, double?> Participants { get; } = new(StringComparer.Ordinal);

        public void Add(string sample, double? participants)
        {
            Effects++;
            var known = Participants.GetValueOrDefault(sample);
            Participants[sample] = participants > (known ?? double.NegativeInfinity) ? participants : known;
        }
    }
}
