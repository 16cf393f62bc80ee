using System.Text.Json;
using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>Whatever the effects, an answer or a named failure: serialising a number that is not finite throws.</summary>
public sealed class ExtremesTests
{
    private static readonly Gen<(double Y, double V)[]> Effects = Gen.Select(
        Gen.Select(Gen.Double[-1, 1], Gen.Int[-3, 3], (x, power) => x * Math.Pow(10, power)),
        Gen.Select(Gen.Double[1, 10], Gen.Int[-12, 3], (x, power) => x * Math.Pow(10, power))).Array[1, 9];

    [Fact]
    public void Never_a_number_that_is_not() => Gen.Select(Effects, Gen.Int[0, 11], Gen.Int[0, 3]).Sample((effects, estimator, test) =>
    {
        double[] y = [.. effects.Select(e => e.Y)], v = [.. effects.Select(e => e.V)];
        var options = new ModelOptions { Estimator = (TauSquaredEstimator)estimator, Test = (CoefficientTest)test };
        Answers(() => EggerRegression.Linear(y, v));
        Answers(() => EggerRegression.Mixed(y, v, options));
        Answers(() => EggerRegression.Peese(y, v));
        Answers(() => EggerRegression.PetPeese(y, v));
        Answers(() => RankCorrelation.Test(y, v));
        Answers(() => TrimAndFill.Run(y, v, options));
        Answers(() => TrimAndFill.Run(y, v, options, TrimAndFillEstimator.R0));
        Answers(() => FailSafeN.Compute(y, v));
        Answers(() => SelectionModel.Fit(y, v, [0.025, 0.5]));
        Answers(() => HenmiCopas.Interval(y, v));
        Answers(() => ExcessSignificance.Test(y, v));
        Answers(() => LeaveOneOut.Run(y, v, options));
        Answers(() => Influence.Run(y, v, options));
        Answers(() => Cumulative.Run(y, v, options));
        Answers(() => Shrinkage.Run(y, v, options));
        Answers(() => EstimatorComparison.Run(y, v, options));
        if (y.Distinct().Count() > 1)
        {
            var design = DesignMatrix.WithIntercept(y.Length).Add(new ContinuousTerm("x", [.. y.Select((_, i) => i % 3.0)]));
            Answers(() => PermutationTest.Run(y, v, design, options, 20));
        }
    }, iter: 50);

    private static void Answers(Func<object> analysis)
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
