namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Comparable scores of one patient.</summary>
internal sealed class ScoreSeries(SeriesKey name, string construct, List<PatientScore> scores)
{
    private Dictionary<Pseudonym, PatientScore>? _bySession;

    public SeriesKey Name => name;

    public string Construct => construct;

    /// <summary>Scores in time order.</summary>
    public List<PatientScore> Scores => scores;

    /// <summary>The last score of each session.</summary>
    public Dictionary<Pseudonym, PatientScore> BySession => _bySession ??= FindLastBySession();

    private Dictionary<Pseudonym, PatientScore> FindLastBySession()
    {
        var last = new Dictionary<Pseudonym, PatientScore>(scores.Count);
        foreach (var score in scores)
        {
            if (!score.Session.IsNone)
            {
                last[score.Session] = score;
            }
        }

        return last;
    }

    public List<PatientScore> OfEpisode(Pseudonym episode) => scores.FindAll(s => s.Episode == episode);

    /// <summary>Scores by instrument, scale and rater, sorted by these. A patient has few series, so that comparing is quicker than hashing.</summary>
    public static IEnumerable<(SeriesKey Key, List<PatientScore> Scores)> GroupByName(IReadOnlyList<PatientScore> analysed)
    {
        var groups = new List<(SeriesKey Key, List<PatientScore> Scores)>();
        foreach (var score in analysed)
        {
            var form = score.Form;
            var known = groups.FindIndex(g => g.Key.Instrument == form.Instrument && g.Key.Scale == form.Scale && g.Key.Rater == form.Rater);
            if (known >= 0)
            {
                groups[known].Scores.Add(score);
            }
            else
            {
                groups.Add((new(form.Instrument, form.Scale, form.Rater), [score]));
            }
        }

        return groups.OrderBy(g => g.Key.Text, StringComparer.Ordinal);
    }
}
