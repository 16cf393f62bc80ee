using CsCheck;

using RealRelationship.Statistics.Agreement;

namespace RealRelationship.Statistics.Tests.Agreement;

/// <summary>Agreement at the edges, and what does not change it.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Kappa_of_one_category_is_not_defined()
    {
        Assert.Null(CohensKappa.Estimate([], []));
        Assert.Null(CohensKappa.Estimate([3, 3, 3], [3, 3, 3]));
        Assert.Null(CohensKappa.Estimate([1, 1, 1], [2, 2, 2]));
        Assert.Null(CohensKappa.Estimate([1, 1, 1], [1, 2, 3]));
        Assert.Equal(new(1, null, null), CohensKappa.Estimate([1, 2, 1], [1, 2, 1]));
    }

    [Fact]
    public void Kappa_depends_on_neither_order_nor_names()
    {
        Gen.Int[0, 3].Array[2, 40].SelectMany(first => Gen.Int[0, 3].Array[first.Length].Select(second => (first, second))).Sample(coders =>
        {
            var kappa = CohensKappa.Estimate(coders.first, coders.second);
            var swapped = CohensKappa.Estimate([.. coders.second.Select(x => 7 - 2 * x)], [.. coders.first.Select(x => 7 - 2 * x)]);
            Assert.Equal(kappa is null, swapped is null);
            if (kappa is not null)
            {
                Assert.Equal(kappa.Value, swapped!.Value, 1e-12);
                Assert.Equal(kappa.Lower ?? 1, swapped.Lower ?? 1, 1e-7); // of a variance of 0 rounding is left, and its root is the margin
                Assert.InRange(kappa.Value, (kappa.Lower ?? 1) - 1e-12, (kappa.Upper ?? 1) + 1e-12);
            }
        }, iter: 500);
    }

    [Fact]
    public void Equal_ratings_have_no_correlation_and_perfect_ones_have_1()
    {
        double[][] equal = [[0.3, 0.3], [0.3, 0.3]], perfect = [[0.3, 0.3], [0.5, 0.5], [0.1, 0.1]];
        Assert.Null(IntraclassCorrelation.AbsoluteAgreement(equal));
        Assert.Null(IntraclassCorrelation.OneWay(equal));
        Assert.Null(IntraclassCorrelation.AbsoluteAgreement([[0.3, 0.4]]));
        Assert.Null(IntraclassCorrelation.OneWay([[0.3], [0.4]]));
        Assert.Equal(new(1, null, null), IntraclassCorrelation.AbsoluteAgreement(perfect));
        Assert.Equal(new(1, null, null), IntraclassCorrelation.OneWay(perfect));
    }

    [Fact]
    public void Intraclass_correlations_do_not_depend_on_scale_and_have_ordered_limits()
    {
        // Sixteenths are scaled without rounding, so that equal ratings stay equal.
        Gen.Int[-16, 16].Select(rating => rating / 16.0).Array[2].Array[5, 12].Sample(ratings =>
        {
            double[][] scaled = [.. ratings.Select(row => row.Select(x => 10 - 4 * x).ToArray())];
            foreach (var icc in (Func<double[][], AgreementCoefficient?>[])
                [rows => IntraclassCorrelation.AbsoluteAgreement(rows), rows => IntraclassCorrelation.OneWay(rows)])
            {
                var (value, other) = (icc(ratings), icc(scaled));
                Assert.Equal(value is null, other is null);
                if (value is null || other is null)
                {
                    continue;
                }
                Assert.Equal(value.Value, other.Value, 1e-9);
                Assert.True(value.Value <= 1);
                if (value is { Lower: { } lower, Upper: { } upper })
                {
                    Assert.InRange(value.Value, lower - 1e-12, upper + 1e-12);
                    Assert.True(upper <= 1);
                }
            }
        }, iter: 500);
    }

    [Fact]
    public void Invalid_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CohensKappa.Estimate([1, 2], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => CohensKappa.Estimate([1, 2], [1, 2], confidence: 1));
        Assert.Throws<ArgumentException>(() => IntraclassCorrelation.AbsoluteAgreement([[1, 2], [1, 2, 3]]));
        Assert.Throws<ArgumentException>(() => IntraclassCorrelation.AbsoluteAgreement([[1], [2]]));
        Assert.Throws<ArgumentException>(() => IntraclassCorrelation.OneWay([[1, double.NaN], [2, 3]]));
        Assert.Throws<ArgumentException>(() => IntraclassCorrelation.OneWay([[], [2, 3]]));
    }
}
