using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.Pictures;

/// <summary>The forest plot of a question: its effects with their weights and intervals, by subgroups where asked, what is pooled from them, and what others have published.</summary>
internal sealed class ForestPlot
{
    private const string NotReported = "not reported";

    private readonly EffectSet _effects;
    private readonly ForestRequest _request;
    private readonly PoolAnswer _pool;
    private readonly ModeratorAnswer? _moderator;
    private readonly Entering _entering;
    private readonly IReadOnlyList<StudyRow> _studies;
    private readonly IReadOnlyList<string> _labels;
    private readonly IReadOnlyList<string?> _levels;
    private readonly bool _weighs;

    private ForestPlot(EffectSet effects, ForestRequest request, Model model, ModeratorAnswer? moderator)
    {
        (_effects, _request, _moderator) = (effects, request, moderator);
        _pool = PoolAnalysis.Run(effects, model);
        var values = moderator is null ? null : effects.Moderator(moderator.Name)!;
        _entering = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model, i => values?[i]?.ToString() ?? "");
        // A sample whose composite is torn apart by a moderator has no weight in the pool that could stand beside its parts.
        _weighs = _entering.Count == _pool.Studies.Count;
        _studies = AnswerParts.StudyRows(_entering, _weighs ? [.. _pool.Studies.Select(study => study.Weight)] : new double[_entering.Count], model);
        _labels = RowLabels.Of(_entering);
        _levels = [.. Enumerable.Range(0, _entering.Count).Select(row => values?[_entering.Members[row][0]]?.ToString())];
    }

    public static (string? Picture, Problem? Problem) Run(EffectSet effects, ForestRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        if (model is null)
        {
            return (null, problem);
        }

        var (moderator, refusal) = Moderator(effects, request, asked);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        var plot = new ForestPlot(effects, request, model, moderator);
        var (page, beyond) = PageOfRows.Of(request, plot._studies.Count, asked);
        return page is null ? (null, beyond) : (plot.Draw(page), null);
    }

    private static (ModeratorAnswer? Moderator, Problem? Problem) Moderator(EffectSet effects, ForestRequest request, Asked asked)
    {
        if (request.By is not { } by)
        {
            return (null, null);
        }

        var (answer, problem) = ModeratorsAnalysis.Run(effects, new ModeratorsRequest { By = [by], Model = request.Model }, asked);
        if (problem is not null)
        {
            // There is one moderator here, not an array of them.
            return (null, new Problem(problem.Kind, problem.Detail, [.. problem.Errors.Select(e => e.Pointer == asked.Item("by", 0) ? e with { Pointer = asked.Member("by") } : e)]));
        }

        var moderator = answer!.Moderators[0];
        return moderator.Kind == "categorical"
            ? (moderator, null)
            : (null, Problem.Invalid([new FieldError(asked.Member("by"), "notCategorical", $"'{by}' is a number and has no subgroups: ask /meta/regression?terms={by}")]));
    }

    private string Draw(PageOfRows page)
    {
        var isCorrelation = _pool.Correlation is not null;
        return new RowChart
        {
            Title = PictureWords.Title(_effects, "forest plot"),
            Subtitle = PictureWords.Subtitle(_pool, _request.Filter),
            Description = Description(page),
            Heads = (_moderator is null ? "Study" : $"Study, by {_moderator.Name}", _studies.Any(s => s.N is not null) ? "n" : "",
                $"{(isCorrelation ? "r" : "Effect")} [{Apa.Confidence(_pool.Model.Confidence)} CI]", _weighs ? "Weight" : ""),
            Rows = [.. EffectRows(page), .. PooledRows(), .. isCorrelation && _request.References != false ? ReferenceRows() : []],
            Notes = [.. ModeratorNote(), .. PictureWords.Notes(_pool)],
            IsCorrelation = isCorrelation,
            Guide = _pool.Correlation?.R ?? _pool.Pooled.Effect,
        }.Draw();
    }

    private IEnumerable<ChartRow> EffectRows(PageOfRows page)
    {
        var groups = InGroups().ToList();
        var all = groups.SelectMany(g => g.Rows).ToList();
        var shown = page.Of(all).ToHashSet();
        var largest = _studies.Max(s => s.Weight);
        foreach (var (level, rows) in groups)
        {
            var here = rows.Where(shown.Contains).ToList();
            if (level is not null && here.Count > 0)
            {
                yield return new(RowKind.Heading, level);
            }

            foreach (var row in here)
            {
                yield return EffectRow(row, largest);
            }

            if (level is not null && (here.Count > 0 ? here[^1] == rows[^1] : shown.Count == 0) && _moderator!.Levels.FirstOrDefault(l => l.Level == level) is { } answer)
            {
                yield return LevelRow(answer);
            }
        }

        if (shown.Count < all.Count)
        {
            yield return new(RowKind.Note, page.Others(all.Count))
            {
                Share = _weighs ? Apa.Percent(all.Where(row => !shown.Contains(row)).Sum(row => _studies[row].Weight), 1) : "",
            };
        }
    }

    private IEnumerable<(string? Level, List<int> Rows)> InGroups()
    {
        var rows = Enumerable.Range(0, _studies.Count);
        var ordered = (_request.Sort switch
        {
            ForestOrder.Size => rows.OrderBy(row => _entering.Variances[row]),
            ForestOrder.Year => rows.OrderBy(row => _effects.Years[_entering.Members[row][0]] ?? long.MaxValue),
            _ => rows,
        }).ToList();
        return _moderator is null
            ? [(null, ordered)]
            : _moderator.Levels.Select(l => (Level: (string?)l.Level, Rows: ordered.FindAll(row => _levels[row] == l.Level)))
                .Append((Level: NotReported, Rows: ordered.FindAll(row => _levels[row] is null))).Where(g => g.Rows.Count > 0);
    }

    private ChartRow EffectRow(int row, double largest)
    {
        var study = _studies[row];
        return new(RowKind.Estimate, _labels[row])
        {
            Amount = study.N is { } n ? Apa.Count(n) : "",
            Point = study.R ?? study.Effect,
            Lower = study.Lower,
            Upper = study.Upper,
            Size = _weighs && largest > 0 ? Math.Max(0, study.Weight) / largest : 0.4,
            Share = _weighs ? Apa.Percent(study.Weight, 1) : "",
        };
    }

    private static ChartRow LevelRow(LevelAnswer level) => new(RowKind.Level, $"{level.Level} ({Words.Many(level.Counts.Effects, "effect")})")
    {
        Amount = Participants(level.Counts),
        Point = level.Correlation?.R ?? level.Pooled.Effect,
        Lower = level.Correlation is { } lower ? lower.Lower : level.Pooled.Lower,
        Upper = level.Correlation is { } upper ? upper.Upper : level.Pooled.Upper,
    };

    private IEnumerable<ChartRow> PooledRows()
    {
        var (r, pooled) = (_pool.Correlation, _pool.Pooled);
        yield return new(RowKind.Pooled, $"Pooled ({Words.Many(_pool.Counts.Effects, "effect")})")
        {
            Amount = Participants(_pool.Counts),
            Point = r is null ? pooled.Effect : r.R,
            Lower = r is null ? pooled.Lower : r.Lower,
            Upper = r is null ? pooled.Upper : r.Upper,
            Share = _weighs ? "100.0%" : "",
        };
        if (pooled.PredictionLower is not null)
        {
            yield return new(RowKind.Prediction, $"{Apa.Confidence(_pool.Model.Confidence)} prediction interval")
            {
                Lower = r is null ? pooled.PredictionLower : r.PredictionLower,
                Upper = r is null ? pooled.PredictionUpper : r.PredictionUpper,
            };
        }
    }

    private IEnumerable<ChartRow> ReferenceRows()
    {
        if (_effects.References.Count > 0)
        {
            yield return new(RowKind.Heading, "Published by others, not pooled here");
        }

        foreach (var (study, effect) in _effects.References.SelectMany(study => study.Effects.Select(effect => (study, effect))))
        {
            var statistic = effect.Statistic;
            var row = new ChartRow(statistic.From is null ? RowKind.Reference : RowKind.Range, $"{study.Citation.Authors} {study.Citation.Year}")
            {
                Below = $"{effect.RelationshipMeasure} – {effect.OutcomeMeasure}",
                Amount = statistic.N is { } n ? Apa.Count(n) : "",
            };
            yield return row.Kind == RowKind.Range
                ? row with { Lower = statistic.From, Upper = statistic.To }
                : row with { Point = statistic.R, Lower = statistic.Lower, Upper = statistic.Upper };
        }
    }

    private static string Participants(CountsAnswer counts) => counts.Participants > 0 ? Apa.Count(counts.Participants) : "";

    private IEnumerable<string> ModeratorNote()
    {
        if (_moderator is not { } moderator)
        {
            yield break;
        }

        yield return $"By {moderator.Name}: {Words.OmnibusOf(moderator)}; {Words.Verdict(moderator)}.";
    }

    private string Description(PageOfRows page)
    {
        var levels = _moderator is null ? "" : " " + string.Join(" ", _moderator.Levels.Select(l => $"{l.Level}: {(l.Correlation is { } r ? Apa.R(r.R) : Apa.Number(l.Pooled.Effect))} over {Words.Many(l.Counts.Effects, "effect")}."));
        var prediction = _pool.Correlation is { PredictionLower: { } lower } whole ? $" Prediction interval {Apa.R(lower)} to {Apa.R(whole.PredictionUpper)}." : "";
        return $"{PictureWords.Subtitle(_pool, _request.Filter)}{prediction}{levels} Each row is an effect with its interval, the area of its square its weight; "
            + $"filled diamonds are pooled, open ones published by others. {page.WhereOthersAre(_studies.Count)}".TrimEnd();
    }
}
