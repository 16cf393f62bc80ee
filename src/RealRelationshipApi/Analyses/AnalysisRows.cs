using RealRelationship.Statistics;

namespace RealRelationshipApi.Analyses;

/// <summary>Rows of a response, of which there may be as many as effects.</summary>
internal static class AnalysisRows
{
    /// <summary>Converts each row, and ends with <see cref="OperationCanceledException"/> once the analysis is cancelled.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="convert">Converts a row, given its index.</param>
    public static TOut[] Map<TIn, TOut>(this IReadOnlyList<TIn> rows, Func<TIn, int, TOut> convert)
    {
        var converted = new TOut[rows.Count];
        for (var i = 0; i < converted.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            converted[i] = convert(rows[i], i);
        }

        return converted;
    }
}
