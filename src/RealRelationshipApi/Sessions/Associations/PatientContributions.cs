namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Which relationship scores predict treatment outcome.</summary>
internal enum OutcomeWindow
{
    /// <summary>The score nearest to session 3, of sessions 2 to 4.</summary>
    Session3,

    /// <summary>The score of session 1.</summary>
    Session1,

    /// <summary>The mean over the first quarter of the sessions.</summary>
    FirstQuarter,

    /// <summary>The mean over all sessions before the last outcome.</summary>
    AllMean,
}

/// <summary>Computes a patient's contribution to each cell from the patient's current scores alone.</summary>
/// <remarks>
/// <code>
/// scores ─► series (one form each) ─► pairs of a relationship and an outcome series
///   session outcome:    x and y of the same session; within the client and of the client's means
///   treatment outcome:  x in the window, y before and after, one pair per client
///   treatment progress: the last rating of change with the x of the same or an earlier session
/// </code>
/// </remarks>
internal sealed class PatientContributions
{
    private const string Total = "total";

    private readonly SortedDictionary<string, PatientContribution> _byAssociation = new(StringComparer.Ordinal);
    private readonly List<(string Cell, IReadOnlyList<PatientScore> Scores)> _uses = [];
    private readonly HashSet<Pseudonym> _used = [];
    private readonly Dictionary<Pseudonym, ExclusionReason> _reasons = [];
    private readonly Dictionary<(Pseudonym Episode, SeriesKey Relationship), SessionNumbering> _numberings = [];
    private readonly List<PatientScore> _analysed;
    private readonly OutcomeWindow _window;
    private readonly bool _numbersAsRelease01;

    private PatientContributions(OutcomeWindow window, List<PatientScore> analysed, bool numbersAsRelease01) =>
        (_window, _analysed, _numbersAsRelease01) = (window, analysed, numbersAsRelease01);

    public IReadOnlyDictionary<string, PatientContribution> ByAssociation => _byAssociation;

    /// <summary>The cells of each score that takes part in an association.</summary>
    public IEnumerable<IReadOnlyList<string>> CellsOfUsedScores => _uses.SelectMany(use => use.Scores.Select(score => (score.Measure, use.Cell)))
        .GroupBy(use => use.Measure, use => use.Cell).Select(cells => cells.ToList());

    /// <summary>Counts of used and excluded scores, as far as they depend on this patient alone.</summary>
    public Exclusions Excluded { get; } = new();

    /// <param name="record">The current scores of the patient.</param>
    /// <param name="window">When the relationship is measured for treatment outcomes.</param>
    /// <param name="numbersAsRelease01">Numbers sessions as release 0.1 did.</param>
    public static PatientContributions Compute(PatientRecord record, OutcomeWindow window, bool numbersAsRelease01 = false)
    {
        var scores = record.Scores;
        var shares = new PatientContributions(window, [.. scores.Where(s => s.State == ScoreState.Analysed)], numbersAsRelease01);
        var series = shares.SplitIntoSeries();
        foreach (var x in series.Where(s => s.Construct == ConstructNames.RealRelationship))
        {
            foreach (var y in series)
            {
                shares.AddPair(x, y, series);
            }
        }

        shares.CountScores(scores, series.Exists(s => s.Construct == ConstructNames.SessionOutcome));
        return shares;
    }

    private void AddPair(ScoreSeries x, ScoreSeries y, IReadOnlyList<ScoreSeries> all)
    {
        switch (y.Construct)
        {
            case ConstructNames.SessionOutcome:
                AddSessionPairs(x, y, null);
                foreach (var alliance in all.Where(a => a.Construct == ConstructNames.Alliance && a.Name.Scale == Total))
                {
                    AddSessionPairs(x, y, alliance);
                }

                break;
            case ConstructNames.TreatmentOutcome:
                AddTreatmentPair(x, y);
                break;
            case ConstructNames.TreatmentProgress:
                AddProgressPair(x, y);
                break;
            default:
                break;
        }
    }

    private void AddSessionPairs(ScoreSeries x, ScoreSeries y, ScoreSeries? alliance)
    {
        var pairs = new List<PatientScore>();
        foreach (var (session, score) in x.BySession)
        {
            if (y.BySession.ContainsKey(session) && alliance?.BySession.ContainsKey(session) != false)
            {
                pairs.Add(score);
            }
        }

        if (pairs.Count == 0)
        {
            return;
        }

        pairs.Sort(PatientScore.ByTime);
        var stratum = MainTherapist(pairs);
        var numbered = pairs.TrueForAll(p => p.SessionNumber > 0);
        var within = pairs.Select((p, i) => Values(p, numbered ? p.SessionNumber : i + 1, withTime: true)).ToList();
        var between = pairs.Select(p => Values(p, 0, withTime: false)).ToList();
        List<PatientScore> used = [.. pairs, .. pairs.Select(p => y.BySession[p.Session]),
            .. alliance is null ? [] : pairs.Select(p => alliance.BySession[p.Session])];
        AddContribution(new(AssociationKey.SessionOutcome, x.Name, y.Name, AssociationKey.BetweenClient, alliance?.Name),
            PatientContribution.Between(stratum, pairs.Count, PatientContribution.Means(between)), used);
        if (pairs.Count > 1)
        {
            AddContribution(new(AssociationKey.SessionOutcome, x.Name, y.Name, AssociationKey.WithinClient, alliance?.Name),
                PatientContribution.Within(stratum, within), used);
        }

        double[] Values(PatientScore pair, double time, bool withTime)
        {
            var (first, second) = (pair.Value, y.BySession[pair.Session].Value);
            return alliance is null ? withTime ? [first, second, time] : [first, second]
                : alliance.BySession[pair.Session].Value is var third && withTime ? [first, second, time, third] : [first, second, third];
        }
    }

    // One pair per client: from the first treatment that has one.
    private void AddTreatmentPair(ScoreSeries x, ScoreSeries y)
    {
        var isPaired = false;
        foreach (var episode in x.Scores.Select(s => s.Episode).Distinct())
        {
            var (xs, ys) = (x.OfEpisode(episode), y.OfEpisode(episode));
            var (before, reason) = isPaired ? ([], ExclusionReason.OutsideWindow) : SelectBefore(episode, x.Name, xs, ys);
            Exclude(xs.Concat(ys), reason);
            if (before.Count == 0)
            {
                continue;
            }

            isPaired = true;
            AddContribution(new(AssociationKey.TreatmentOutcome, x.Name, y.Name, AssociationKey.BetweenClient, null),
                PatientContribution.Between(MainTherapist(before), 1, [before.Average(s => s.Value), ys[^1].Value, ys[0].Value]), [.. before, ys[0], ys[^1]]);
        }
    }

    // The scores of the relationship in the window that precede the last outcome; why the others are excluded.
    private (List<PatientScore> Before, ExclusionReason Reason) SelectBefore(Pseudonym episode, SeriesKey relationship, List<PatientScore> xs,
        List<PatientScore> ys)
    {
        if (ys.Count == 0)
        {
            return ([], ExclusionReason.NoOutcome);
        }

        if (!ys[0].IsAtOrBefore(xs[0]))
        {
            return ([], ExclusionReason.NoPreScore);
        }

        if (ys.Count == 1)
        {
            return ([], ExclusionReason.NoOutcome);
        }

        var early = InWindow(episode, relationship, xs, ys);
        var before = early.FindAll(s => s.IsBefore(ys[^1]));
        return (before, before.Count == 0 && early.Count > 0 ? ExclusionReason.XAfterPost : ExclusionReason.OutsideWindow);
    }

    private List<PatientScore> InWindow(Pseudonym episode, SeriesKey relationship, List<PatientScore> xs, List<PatientScore> ys)
    {
        var number = NumberSessions(episode, relationship, xs, ys);
        switch (_window)
        {
            case OutcomeWindow.Session1:
                return xs.FindAll(s => number(s) == 1);
            case OutcomeWindow.FirstQuarter:
                var last = Math.Max(1, (long)Math.Ceiling(xs.Concat(ys).Max(number) / 4.0));
                return xs.FindAll(s => number(s) <= last);
            case OutcomeWindow.AllMean:
                return xs;
            default:
                return [.. xs.Where(s => number(s) is >= 2 and <= 4).OrderBy(s => Math.Abs(number(s) - 3)).ThenBy(number).Take(1)];
        }
    }

    private Func<PatientScore, long> NumberSessions(Pseudonym episode, SeriesKey relationship, List<PatientScore> xs, List<PatientScore> ys)
    {
        if (_numbersAsRelease01)
        {
            var numbers = SessionNumbering.OfRelease01(xs, ys);
            return score => numbers[score.Measure];
        }

        if (!_numberings.TryGetValue((episode, relationship), out var numbering))
        {
            _numberings.Add((episode, relationship), numbering = new(_analysed.Where(s => s.Episode == episode), xs));
        }

        return numbering.NumberOf;
    }

    private void AddProgressPair(ScoreSeries x, ScoreSeries y)
    {
        var last = y.Scores[^1];
        if (x.Scores.FindLast(s => s.IsAtOrBefore(last)) is not { } pair)
        {
            Exclude(x.Scores, ExclusionReason.NoOutcome);
            Exclude(y.Scores, ExclusionReason.NoRelationship);
            return;
        }

        Exclude(x.Scores.Concat(y.Scores), ExclusionReason.OutsideWindow);
        AddContribution(new(AssociationKey.TreatmentProgress, x.Name, y.Name, AssociationKey.BetweenClient, null),
            PatientContribution.Between(MainTherapist([pair]), 1, [pair.Value, last.Value]), [pair, last]);
    }

    // Each score is used, or excluded for the first reason that applies.
    private void CountScores(IEnumerable<PatientScore> scores, bool hasSessionOutcome)
    {
        foreach (var score in scores)
        {
            Excluded.Add(ExclusionReason.Retracted, score.Earlier.Retracted);
            Excluded.Add(ExclusionReason.Superseded, score.Earlier.Superseded);
            if (score.State == ScoreState.Analysed && _used.Contains(score.Measure))
            {
                Excluded.AddUsed();
                continue;
            }

            Excluded.Add(score.State switch
            {
                ScoreState.Retracted => ExclusionReason.Retracted,
                ScoreState.Held => ExclusionReason.WrongStatus,
                ScoreState.ItemsAsUndeclared => ExclusionReason.ItemsAsUndeclared,
                _ => ReasonOf(score, hasSessionOutcome),
            });
        }
    }

    private ExclusionReason ReasonOf(PatientScore score, bool hasSessionOutcome) => score.Construct switch
    {
        ConstructNames.RealRelationship when hasSessionOutcome =>
            (ExclusionReason)Math.Min((int)_reasons.GetValueOrDefault(score.Measure, ExclusionReason.NoOutcome),
                (int)(score.Session.IsNone ? ExclusionReason.NoSession : ExclusionReason.NoOutcome)),
        ConstructNames.RealRelationship => _reasons.GetValueOrDefault(score.Measure, ExclusionReason.NoOutcome),
        ConstructNames.SessionOutcome => _reasons.TryGetValue(score.Measure, out var reason) ? reason
            : score.Session.IsNone ? ExclusionReason.NoSession : ExclusionReason.NoRelationship,
        ConstructNames.TreatmentOutcome or ConstructNames.TreatmentProgress => _reasons.GetValueOrDefault(score.Measure, ExclusionReason.NoRelationship),
        _ => ExclusionReason.NotOutcome,
    };

    // A change of form within an instrument ends the series, as later scores are not comparable.
    private List<ScoreSeries> SplitIntoSeries()
    {
        var series = new List<ScoreSeries>();
        foreach (var (key, inTime) in ScoreSeries.GroupByName(_analysed))
        {
            inTime.Sort(PatientScore.ByTime);
            var form = inTime[0].Form;
            if (inTime.Exists(s => s.Form != form))
            {
                Exclude(inTime.Where(s => s.Form != form), ExclusionReason.FormChanged);
                inTime.RemoveAll(s => s.Form != form);
            }

            series.Add(new(key, inTime[0].Construct, inTime));
        }

        return series;
    }

    private void Exclude(IEnumerable<PatientScore> scores, ExclusionReason reason)
    {
        foreach (var score in scores)
        {
            Exclude(score, reason);
        }
    }

    private void Exclude(PatientScore score, ExclusionReason reason)
    {
        if (!_reasons.TryGetValue(score.Measure, out var known) || reason < known)
        {
            _reasons[score.Measure] = reason;
        }
    }

    // The therapist of most of the included sessions; the first one among equals.
    internal static Pseudonym MainTherapist(List<PatientScore> scores) => scores[0].Therapist is var first && scores.TrueForAll(s => s.Therapist == first)
        ? first : scores.GroupBy(s => s.Therapist).MaxBy(g => g.Count())!.Key;

    private void AddContribution(AssociationKey cell, PatientContribution share, IReadOnlyList<PatientScore> scores)
    {
        var key = cell.Text;
        _byAssociation.Add(key, share);
        _uses.Add((key, scores));
        foreach (var score in scores)
        {
            _used.Add(score.Measure);
        }
    }
}

/// <summary>Constructs by their names in the catalogue.</summary>
internal static class ConstructNames
{
    public const string RealRelationship = "realRelationship";
    public const string SessionOutcome = "sessionOutcome";
    public const string TreatmentOutcome = "treatmentOutcome";
    public const string TreatmentProgress = "treatmentProgress";
    public const string Alliance = "alliance";
}
