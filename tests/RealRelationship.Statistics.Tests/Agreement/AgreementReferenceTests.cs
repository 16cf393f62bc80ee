using System.Text.Json;

using RealRelationship.Statistics.Agreement;

namespace RealRelationship.Statistics.Tests.Agreement;

/// <summary>κ and intraclass correlations against psych 2.2.9; see Reference/agreement.R.</summary>
public sealed class AgreementReferenceTests
{
    private const double Tolerance = 1e-10;

    private static readonly JsonElement s_reference = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("agreement.json"))).RootElement;

    [Theory]
    [InlineData("fleiss1969")]
    [InlineData("twoByTwo")]
    [InlineData("opposed")]
    [InlineData("fourCategories")]
    public void Kappa_and_its_interval_are_those_of_psych(string name)
    {
        var kappa = CohensKappa.Estimate([.. Numbers($"{name}.first").Select(x => (int)x)], [.. Numbers($"{name}.second").Select(x => (int)x)])!;
        ShouldEqual(Numbers($"{name}.kappa"), kappa);
    }

    // psych says 0 with an interval of 0 to 0, whatever the other coder chose.
    [Fact]
    public void Kappa_of_a_constant_coder_is_not_given()
    {
        Assert.All(Numbers("oneCoderConstant.kappa"), x => Assert.Equal(0, x));
        Assert.Null(CohensKappa.Estimate([.. Numbers("oneCoderConstant.first").Select(x => (int)x)],
            [.. Numbers("oneCoderConstant.second").Select(x => (int)x)]));
    }

    // Fleiss, Cohen and Everitt 1969, p. 326.
    [Fact]
    public void The_variance_of_kappa_is_that_of_its_paper()
    {
        var kappa = CohensKappa.Estimate([.. Numbers("fleiss1969.first").Select(x => (int)x)], [.. Numbers("fleiss1969.second").Select(x => (int)x)])!;
        var standardError = (kappa.Upper!.Value - kappa.Lower!.Value) / 2 / Normal.Quantile(0.975);
        Assert.Equal(0.002885, standardError * standardError, 6);
    }

    [Theory]
    [InlineData("shrout1979")]
    [InlineData("twoCoders")]
    [InlineData("shifted")]
    [InlineData("unrelated")]
    public void Intraclass_correlations_are_those_of_psych(string name)
    {
        double[][] ratings = [.. Numbers($"{name}.ratings").Chunk((int)Numbers($"{name}.raters")[0])];
        ShouldEqual(Numbers($"{name}.oneWay"), IntraclassCorrelation.OneWay(ratings)!);
        ShouldEqual(Numbers($"{name}.agreement"), IntraclassCorrelation.AbsoluteAgreement(ratings)!);
    }

    // Shrout and Fleiss 1979, Table 4, and McGraw and Wong 1996, Table 7.
    [Fact]
    public void Intraclass_correlations_are_those_of_their_papers()
    {
        double[][] ratings = [.. Numbers("shrout1979.ratings").Chunk(4)];
        Assert.Equal(0.17, IntraclassCorrelation.OneWay(ratings)!.Value, 2);
        var agreement = IntraclassCorrelation.AbsoluteAgreement(ratings)!;
        Assert.Equal((0.29, 0.02, 0.76), (Math.Round(agreement.Value, 2), Math.Round(agreement.Lower!.Value, 2), Math.Round(agreement.Upper!.Value, 2)));
    }

    [Fact]
    public void Items_may_have_different_numbers_of_ratings()
    {
        var (values, ratings) = (new Queue<double>(Numbers("unequal.ratings")), new List<double[]>());
        foreach (var count in Numbers("unequal.counts"))
        {
            ratings.Add([.. Enumerable.Range(0, (int)count).Select(_ => values.Dequeue())]);
        }

        ShouldEqual(Numbers("unequal.oneWay"), IntraclassCorrelation.OneWay(ratings)!);
    }

    private static double[] Numbers(string name) => [.. s_reference.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];

    private static void ShouldEqual(double[] expected, AgreementCoefficient actual)
    {
        Assert.Equal(expected[0], actual.Value, Tolerance);
        Assert.Equal(expected[1], actual.Lower!.Value, Tolerance);
        Assert.Equal(expected[2], actual.Upper!.Value, Tolerance);
    }
}
