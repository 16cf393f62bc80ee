using System.Text.Json;
using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>Any effects give finite results or a named error; serialising a non-finite number throws.</summary>
public sealed class ExtremeValueTests
{
    private static readonly Gen<(double Y, double V)[]> Effects = Gen.Select(
        Gen.Select(Gen.Double[-1, 1], Gen.Int[-3, 3], (x, power) => x * Math.Pow(10, power)),
        Gen.Select(Gen.Double[1, 10], Gen.Int[-12, 3], (x, power) => x * Math.Pow(10, power))).Array[1, 9];

    [Fact]
    public void Results_are_finite_or_throw_a_StatisticsException() => Gen.Select(Effects, Gen.Int[0, 11], Gen.Int[0, 3]).Sample((effects, estimator, test) =>
    {
        double[] y = [.. effects.Select(e => e.Y)], v = [.. effects.Select(e => e.V)];
        var options = new ModelOptions { Estimator = (TauSquaredEstimator)estimator, Test = (CoefficientTest)test };
        AssertFiniteOrThrows(() => EggerRegression.Linear(y, v));
        AssertFiniteOrThrows(() => EggerRegression.Mixed(y, v, options));
        AssertFiniteOrThrows(() => EggerRegression.Peese(y, v));
        AssertFiniteOrThrows(() => EggerRegression.PetPeese(y, v));
        AssertFiniteOrThrows(() => RankCorrelation.Test(y, v));
        AssertFiniteOrThrows(() => TrimAndFill.Run(y, v, options));
        AssertFiniteOrThrows(() => TrimAndFill.Run(y, v, options, TrimAndFillEstimator.R0));
        AssertFiniteOrThrows(() => FailSafeN.Compute(y, v));
        AssertFiniteOrThrows(() => SelectionModel.Fit(y, v, [0.025, 0.5]));
        AssertFiniteOrThrows(() => HenmiCopas.Interval(y, v));
        AssertFiniteOrThrows(() => ExcessSignificance.Test(y, v));
        AssertFiniteOrThrows(() => LeaveOneOut.Run(y, v, options));
        AssertFiniteOrThrows(() => Influence.Run(y, v, options));
        AssertFiniteOrThrows(() => Cumulative.Run(y, v, options));
        AssertFiniteOrThrows(() => Shrinkage.Run(y, v, options));
        AssertFiniteOrThrows(() => EstimatorComparison.Run(y, v, options));
        if (y.Distinct().Count() > 1)
        {
            var design = DesignMatrix.WithIntercept(y.Length).Add(new ContinuousTerm("x", [.. y.Select((_, i) => i % 3.0)]));
            AssertFiniteOrThrows(() => PermutationTest.Run(y, v, design, options, 20));
        }
    }, iter: 50);

    private static void AssertFiniteOrThrows(Func<object> analysis)
    {
        try
        {
            Assert.NotEmpty(JsonSerializer.Serialize(analysis()));
        }
        catch (StatisticsException e)
        {
            Assert.NotEmpty(e.Code);
        }
    }
}
