namespace RealRelationship.Statistics.Tests;

/// <summary>Every computation that can be long looks at the token of its scope.</summary>
public sealed class CancellationScopeTests
{
    private static readonly double[] s_y = [.. Enumerable.Range(0, 12).Select(i => 0.3 + (0.2 * Math.Sin(i)))];
    private static readonly double[] s_v = [.. Enumerable.Range(0, 12).Select(i => 0.01 + (0.002 * i))];
    private static readonly int[] s_samples = [.. Enumerable.Range(0, 12).Select(i => i / 2)];
    private static readonly string[] s_levels = [.. Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? "a" : "b")];

    private static DesignMatrix Design => DesignMatrix.WithIntercept(12).Add(new ContinuousTerm("x", [.. Enumerable.Range(0, 12).Select(i => (double)i)]));

    public static TheoryData<string> Computations => [.. s_computations.Keys];

    private static readonly Dictionary<string, Action> s_computations = new(StringComparer.Ordinal)
    {
        ["pool"] = () => RandomEffectsModel.Fit(s_y, s_v),
        ["nested"] = () => MultilevelModel.Fit(s_y, s_v, s_samples),
        ["regression"] = () => MetaRegression.Fit(s_y, s_v, Design),
        ["moderator"] = () => ModeratorModel.FitCategorical("m", s_y, s_v, s_levels),
        ["leaveOneOut"] = () => LeaveOneOut.Run(s_y, s_v),
        ["influence"] = () => Influence.Run(s_y, s_v),
        ["cumulative"] = () => Cumulative.Run(s_y, s_v),
        ["permutations"] = () => PermutationTest.Run(s_y, s_v, Design),
        ["bootstrap"] = () => WildBootstrap.Test(s_y, s_v, s_samples, Design, 99, 1),
        ["selection"] = () => SelectionModel.Fit(s_y, s_v, [0.025]),
        ["beta"] = () => WeightFunctionModel.Fit(s_y, s_v, new WeightFunctionOptions { Function = SelectionFunction.Beta }),
        ["gosh"] = () => Gosh.Run(s_y, s_v, (_, _) => { }),
        ["baujat"] = () => Baujat.Run(s_y, s_v),
        ["profile"] = () => TauSquaredProfile.Fit(s_y, s_v),
        ["specificationCurve"] = () => SpecificationCurveTest.Run(s_y, s_samples, [[.. s_y.Select(_ => 1.0 / s_y.Length)]]),
        ["pUniformStar"] = () => PUniformStar.Fit(s_y, s_v),
        ["bayes"] = () => BayesianMeanModel.Fit(s_y, s_v),
        ["averaging"] = () => BayesianModelAveraging.Fit(s_y, s_v),
        ["otherPriors"] = () => PriorSensitivity.Run(s_y, s_v),
        ["trimAndFill"] = () => TrimAndFill.Run(s_y, s_v),
    };

    [Theory]
    [MemberData(nameof(Computations))]
    public void A_computation_ends_when_the_token_is_cancelled(string name)
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using (new CancellationScope(cancelled.Token))
        {
            Assert.Throws<OperationCanceledException>(s_computations[name]);
        }

        s_computations[name]();
    }

    [Fact]
    public void The_innermost_scope_holds_and_the_outer_one_returns()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using (new CancellationScope(cancelled.Token))
        {
            using (new CancellationScope(CancellationToken.None))
            {
                RandomEffectsModel.Fit(s_y, s_v);
            }

            Assert.Throws<OperationCanceledException>(() => RandomEffectsModel.Fit(s_y, s_v));
        }
    }
}
