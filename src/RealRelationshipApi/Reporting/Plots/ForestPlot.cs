using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The forest plot: effects with weights and intervals, in subgroups if requested, pooled effects, and published results.</summary>
internal sealed class ForestPlot
{
    private const int MaxRegistered = 50;

    private const string NotReported = "not reported";

    private readonly EffectSet _effects;
    private readonly ForestRequest _request;
    private readonly PoolResponse _pool;
    private readonly ModeratorResponse? _moderator;
    private readonly IReadOnlyList<string> _moderatorWarnings;
    private readonly Footnotes _footnotes = new();
    private readonly ModelFrame _frame;
    private readonly IReadOnlyList<WeightedEffect> _weightedEffects;
    private readonly IReadOnlyList<string> _labels;
    private readonly IReadOnlyList<string?> _levels;
    private readonly bool _hasWeights;

    private ForestPlot(EffectSet effects, ForestRequest request, ResolvedModel model, ModeratorResponse? moderator, IReadOnlyList<string> moderatorWarnings)
    {
        (_effects, _request, _moderator, _moderatorWarnings) = (effects, request, moderator, moderatorWarnings);
        _pool = PoolAnalysis.Run(effects, model) with { WithoutAdded = WithoutAddedResponse.Of(effects, request.Model) };
        var values = moderator is null ? null : effects.ModeratorValues(moderator.Name)!;
        _frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model, i => values?[i]?.ToString() ?? "");
        // If a moderator splits the composite of a sample, its parts have no weights in the overall pool.
        _hasWeights = _frame.Count == _pool.Studies.Count;
        _weightedEffects = ResponseMapper.StudyRows(_frame, _hasWeights ? [.. _pool.Studies.Select(study => study.Weight)] : new double[_frame.Count], model);
        _labels = RowLabels.Of(_frame);
        _levels = [.. Enumerable.Range(0, _frame.Count).Select(row => values?[_frame.Members[row][0]]?.ToString())];
    }

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, ForestRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var (moderator, warnings, moderatorProblem) = Moderator(effects, request, location);
        if (moderatorProblem is not null)
        {
            return (null, moderatorProblem);
        }

        var plot = new ForestPlot(effects, request, model, moderator, warnings);
        var (page, pageProblem) = RowPage.Of(request, plot._weightedEffects.Count, location);
        return page is null ? (null, pageProblem) : (plot.Draw(page), null);
    }

    private static (ModeratorResponse? Moderator, IReadOnlyList<string> Warnings, Problem? Problem) Moderator(EffectSet effects, ForestRequest request,
        ErrorLocation location)
    {
        if (request.By is not { } by)
        {
            return (null, [], null);
        }

        var (response, problem) = ModeratorsAnalysis.Analyze(effects, new ModeratorsRequest { By = [by], Model = request.Model }, location);
        if (problem is not null)
        {
            // Here `by` is a single moderator rather than an array.
            return (null, [],
                new Problem(problem.Kind, problem.Detail,
                    [.. problem.Errors.Select(e => e.Pointer == location.Item("by", 0) ? e with { Pointer = location.Member("by") } : e)]));
        }

        var moderator = response!.Moderators[0];
        return moderator.Kind == "categorical"
            ? (moderator, [.. response.WarningsOf(moderator.Name).Select(w => w.Finding)], null)
            : (null, [],
                Problem.Invalid(
                    [new FieldError(location.Member("by"), "notCategorical", $"'{by}' is a number and has no subgroups: ask /meta/regression?terms={by}")]));
    }

    private string Draw(RowPage page)
    {
        var isCorrelation = _pool.Correlation is not null;
        ChartRow[] rows = [.. EffectRows(page), .. PooledRows(), .. RegisteredRows(), .. isCorrelation && _request.References != false ? ReferenceRows() : []];
        return new RowChart
        {
            Title = PlotText.Title(_effects, "forest plot"),
            Subtitle = PlotText.Subtitle(_pool, _request.Filter),
            Description = Description(page),
            Headers = (_moderator is null ? "Study" : $"Study, by {Phrasing.SplitCamelCase(_moderator.Name)}",
                _weightedEffects.Any(s => s.N is not null) ? "n" : "",
                $"{(isCorrelation ? "r" : "Effect")} [{ApaFormat.Confidence(_pool.Model.Confidence)} CI]", _hasWeights ? "Weight" : ""),
            Rows = rows,
            Notes = [.. HollowNote() is { Length: > 0 } hollow ? [hollow.TrimEnd()] : Array.Empty<string>(), .. _footnotes.Texts, .. ModeratorNote(),
                .. PlotText.Notes(_pool)],
            IsCorrelation = isCorrelation,
            Width = _request.Width ?? RowChart.DefaultWidth,
            Directions = isCorrelation && _effects.IsStored ? ("← with worse outcome", "with better outcome →") : null,
            GuideLine = PlotText.Centre(_pool),
        }.Draw();
    }

    private IEnumerable<ChartRow> EffectRows(RowPage page)
    {
        var groups = GroupedRows().ToList();
        var all = groups.SelectMany(g => g.Rows).ToList();
        var shown = page.Of(all).ToHashSet();
        var largest = _weightedEffects.Max(s => s.Weight);
        foreach (var (level, rows) in groups)
        {
            var here = rows.Where(shown.Contains).ToList();
            if (level is not null && here.Count > 0)
            {
                yield return new(ChartRowKind.Heading, LevelName(level));
            }

            foreach (var row in here)
            {
                yield return EffectRow(row, largest);
            }

            if (level is not null && (here.Count > 0 ? here[^1] == rows[^1] : shown.Count == 0)
                && _moderator!.Levels.FirstOrDefault(l => l.Level == level) is { } levelResponse)
            {
                yield return LevelRow(levelResponse);
                yield return new(ChartRowKind.Detail, DescribeHeterogeneity(levelResponse.Heterogeneity));
            }
        }

        if (shown.Count < all.Count)
        {
            yield return new(ChartRowKind.Note, page.HiddenRowsText(all.Count))
            {
                WeightText = _hasWeights ? ApaFormat.Percent(all.Where(row => !shown.Contains(row)).Sum(row => _weightedEffects[row].Weight), 1) : "",
            };
        }
    }

    private IEnumerable<(string? Level, List<int> Rows)> GroupedRows()
    {
        var rows = Enumerable.Range(0, _weightedEffects.Count);
        var ordered = (_request.Sort switch
        {
            ForestSortOrder.Size => rows.OrderBy(row => _frame.Variances[row]),
            ForestSortOrder.Year => rows.OrderBy(row => _effects.Years[_frame.Members[row][0]] ?? long.MaxValue),
            _ => rows,
        }).ToList();
        return _moderator is null
            ? [(null, ordered)]
            : _moderator.Levels.Select(l => (Level: (string?)l.Level, Rows: ordered.FindAll(row => _levels[row] == l.Level)))
                .Append((Level: NotReported, Rows: ordered.FindAll(row => _levels[row] is null))).Where(g => g.Rows.Count > 0);
    }

    private ChartRow EffectRow(int row, double largest)
    {
        var study = _weightedEffects[row];
        return new(ChartRowKind.Estimate, _labels[row])
        {
            CountText = study.N is { } n ? ApaFormat.Count(n) : "",
            Point = study.R ?? study.Effect,
            Lower = study.Lower,
            Upper = study.Upper,
            IsHollow = study.Hypothetical,
            Size = _hasWeights && largest > 0 ? Math.Max(0, study.Weight) / largest : 0.4,
            WeightText = _hasWeights ? ApaFormat.Percent(study.Weight, 1) : "",
        };
    }

    private ChartRow LevelRow(ModeratorLevelResponse level)
    {
        var (r, pooled, label) = (level.Correlation, level.Pooled, $"{LevelName(level.Level)} ({Phrasing.Plural(level.Counts.Effects, "effect")})");
        var (count, mark) = (Participants(level.Counts), _footnotes.Mark(pooled.WarningCodes));
        return (r is null ? pooled.Range : r.Range) is { } range
            ? new(ChartRowKind.Range, label) { CountText = count, Mark = mark, Lower = range.Lower, Upper = range.Upper }
            : new(ChartRowKind.Level, label)
            {
                CountText = count,
                Mark = mark,
                Point = r is null ? pooled.Effect : r.R,
                Lower = r is null ? pooled.Lower : r.Lower,
                Upper = r is null ? pooled.Upper : r.Upper,
            };
    }

    private IEnumerable<ChartRow> PooledRows()
    {
        var (r, pooled) = (_pool.Correlation, _pool.Pooled);
        yield return new(ChartRowKind.Pooled, $"Pooled ({Phrasing.Plural(_pool.Counts.Effects, "effect")})")
        {
            CountText = Participants(_pool.Counts),
            Point = r is null ? pooled.Effect : r.R,
            Lower = r is null ? pooled.Lower : r.Lower,
            Upper = r is null ? pooled.Upper : r.Upper,
            WeightText = _hasWeights ? "100.0%" : "",
        };
        yield return new(ChartRowKind.Detail, DescribeHeterogeneity(_pool.Heterogeneity));
        if (pooled.PredictionLower is not null)
        {
            yield return new(ChartRowKind.Prediction, $"{ApaFormat.Confidence(_pool.Model.Confidence)} prediction interval")
            {
                Lower = r is null ? pooled.PredictionLower : r.PredictionLower,
                Upper = r is null ? pooled.PredictionUpper : r.PredictionUpper,
            };
        }

        if (_pool.WithoutAdded is { } without)
        {
            yield return new(ChartRowKind.Level, $"Without the hypothetical ({Phrasing.Plural(without.Counts.Effects, "effect")})")
            {
                CountText = Participants(without.Counts),
                Point = without.Correlation is { } stored ? stored.R : without.Pooled.Effect,
                Lower = without.Correlation is { } lower ? lower.Lower : without.Pooled.Lower,
                Upper = without.Correlation is { } upper ? upper.Upper : without.Pooled.Upper,
            };
        }
    }

    private IEnumerable<ChartRow> RegisteredRows()
    {
        if (_effects.Registered.Count == 0 || _request.Registered == false)
        {
            yield break;
        }

        yield return new(ChartRowKind.Heading, "Eligible, without a usable coefficient");
        foreach (var study in _effects.Registered.OrderBy(s => s.Citation.Year).Take(MaxRegistered))
        {
            yield return new(ChartRowKind.Note, ShortCitation.Of(study.Citation))
            {
                Sublabel = RegisteredPhrasing.Describe(study.Registered!),
                CountText = study.Registered!.N is { } n ? ApaFormat.Count(n) : "",
            };
        }

        if (_effects.Registered.Count > MaxRegistered)
        {
            yield return new(ChartRowKind.Note, $"and {ApaFormat.Count(_effects.Registered.Count - MaxRegistered)} more");
        }
    }

    private IEnumerable<ChartRow> ReferenceRows()
    {
        if (_effects.References.Count > 0)
        {
            yield return new(ChartRowKind.Heading, "Published by others, not pooled here");
        }

        foreach (var (study, effect) in _effects.References.SelectMany(study => study.Effects.Select(effect => (study, effect))))
        {
            var statistic = effect.Statistic;
            var row = new ChartRow(statistic.From is null ? ChartRowKind.Reference : ChartRowKind.Range, ShortCitation.Of(study.Citation))
            {
                Sublabel = $"{effect.RelationshipMeasure} – {effect.OutcomeMeasure}",
                CountText = statistic.N is { } n ? ApaFormat.Count(n) : "",
            };
            yield return row.Kind == ChartRowKind.Range
                ? row with { Lower = statistic.From, Upper = statistic.To }
                : row with { Point = statistic.R, Lower = statistic.Lower, Upper = statistic.Upper };
        }
    }

    // The levels of a field of our own are identifiers, those of other moderators texts of the sender.
    private string LevelName(string level) =>
        !_moderator!.Name.Contains('.', StringComparison.Ordinal) && level.Length > 0 && char.IsAsciiLetterLower(level[0]) && level.All(char.IsAsciiLetter)
            ? PlotText.Capitalize(Phrasing.SplitCamelCase(level)) : level;

    private static string DescribeHeterogeneity(HeterogeneityResponse h)
    {
        var parts = new List<string>();
        if (h.Df > 0)
        {
            parts.Add($"Q({h.Df}) = {ApaFormat.Number(h.Q)}, p {ApaFormat.PValue(h.P)}");
        }

        if (h.I2 is not null)
        {
            parts.Add($"I² = {ApaFormat.Percent(h.I2)}");
        }

        if (h.Tau2 is { } tau2)
        {
            parts.Add($"τ² = {ApaFormat.Number(tau2, 3)}");
        }

        return parts.Count == 0 ? "Heterogeneity cannot be estimated" : $"Heterogeneity: {string.Join("; ", parts)}";
    }

    private static string Participants(CountsResponse counts) => counts.Participants > 0 ? ApaFormat.Count(counts.Participants) : "";

    private IEnumerable<string> ModeratorNote()
    {
        if (_moderator is not { } moderator)
        {
            yield break;
        }

        yield return $"By {Phrasing.DescribeModerator(moderator.Name)}: {Phrasing.DescribeOmnibusTest(moderator)}; "
            + $"{Phrasing.DescribeVerdict(moderator, _pool)}.";
        foreach (var warning in _moderatorWarnings.Where(warning => !_footnotes.Explains(warning)))
        {
            yield return warning;
        }
    }

    private string HollowNote() => _effects.HypotheticalCount > 0 ? "Hollow squares are hypothetical. " : "";

    private string Description(RowPage page)
    {
        var levels = _moderator is null ? ""
            : " "
                + string.Join(" ",
                    _moderator.Levels.Select(
                        l => $"{LevelName(l.Level)}: {Phrasing.DescribeEstimate(l.Pooled, l.Correlation)} over "
                            + $"{Phrasing.Plural(l.Counts.Effects, "effect")}."));
        var prediction = _pool.Correlation is { PredictionLower: { } lower } whole
            ? $" Prediction interval {ApaFormat.Correlation(lower)} to {ApaFormat.Correlation(whole.PredictionUpper)}." : "";
        return $"{PlotText.Subtitle(_pool, _request.Filter)}{prediction}{levels} Each row is an effect with its interval, the area of its square its weight; "
            + $"filled diamonds are pooled, open ones published by others. {HollowNote()}{page.HiddenRowsNote(_weightedEffects.Count)}".TrimEnd();
    }
}
