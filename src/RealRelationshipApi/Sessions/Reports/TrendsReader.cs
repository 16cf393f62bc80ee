using System.Data;

using RealRelationship.Statistics;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Reports;

/// <summary>Means of a site's scores by session number.</summary>
internal static class TrendsReader
{
    /// <summary>Session numbers with fewer treatments do not count for the median of the points.</summary>
    public const int MinTreatments = 5;

    public const double Confidence = 0.95;

    public static IReadOnlyList<TrendSeries> Read(IDbConnection connection, ColumnEncryption encryption, string tenant, InstrumentSet instruments)
    {
        var trends = new Dictionary<ScoreForm, Trend>();
        foreach (var (_, record) in PatientRecords.ReadAll(connection, encryption, tenant))
        {
            foreach (var scoresOfEpisode in record.Scores.Where(s => s.State == ScoreState.Analysed).GroupBy(s => s.Episode))
            {
                var episode = scoresOfEpisode.Order(PatientScore.ByTime).ToList();
                var relationship = episode.FindAll(s => s.Construct == ConstructNames.RealRelationship);
                var numbering = new SessionNumbering(episode, relationship.FindAll(s => s.Form == relationship[0].Form));
                foreach (var scores in episode.Where(ReportedSeries.IsReported).GroupBy(s => s.Form))
                {
                    if (!trends.TryGetValue(scores.Key, out var trend))
                    {
                        trends.Add(scores.Key, trend = new(ReportedSeries.Of(scores.Key, scores.First().Construct, instruments)));
                    }

                    // The last score of a session counts.
                    trend.Add(scores.GroupBy(numbering.NumberOf).Select(g => (g.Key, g.Last().Value)));
                }
            }
        }

        return [.. trends.Values.OrderBy(t => t.Series, ReportedSeries.InOrder).Select(t => t.ToResponse())];
    }

    private sealed class Trend(ReportedSeries series)
    {
        private readonly SortedDictionary<long, List<double>> _byNumber = [];

        public ReportedSeries Series => series;

        public void Add(IEnumerable<(long Number, double Value)> ofTreatment)
        {
            foreach (var (number, value) in ofTreatment)
            {
                if (!_byNumber.TryGetValue(number, out var values))
                {
                    _byNumber.Add(number, values = []);
                }

                values.Add(series.Turn(value));
            }
        }

        public TrendSeries ToResponse()
        {
            TrendPoint[] points = [.. _byNumber.Select(p => ToPoint(p.Key, p.Value))];
            return new(series, Median([.. points.Where(p => p.Treatments >= MinTreatments).Select(p => p.Mean).Order()]), points);
        }

        private static TrendPoint ToPoint(long number, List<double> values)
        {
            var mean = values.Average();
            if (values.Count < 2)
            {
                return new(number, values.Count, mean, null, null, null);
            }

            var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
            var half = StudentT.UpperQuantile((1 - Confidence) / 2, values.Count - 1) * deviation / Math.Sqrt(values.Count);
            return new(number, values.Count, mean, deviation, mean - half, mean + half);
        }

        private static double? Median(double[] sorted) => sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
