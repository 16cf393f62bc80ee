namespace RealRelationship.Statistics;

/// <summary>The fits without each effect in turn.</summary>
internal static class Deletion
{
    public static QuickFit[] Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions options)
    {
        var k = estimates.Length;
        var fits = new QuickFit[k];
        var (y, v) = (new double[k - 1], new double[k - 1]);
        for (var i = 0; i < k; i++)
        {
            Without(i, estimates, y);
            Without(i, variances, v);
            fits[i] = Quick.Fit(y, v, options);
        }
        return fits;
    }

    private static void Without(int i, ReadOnlySpan<double> all, double[] others)
    {
        all[..i].CopyTo(others);
        all[(i + 1)..].CopyTo(others.AsSpan(i));
    }
}
