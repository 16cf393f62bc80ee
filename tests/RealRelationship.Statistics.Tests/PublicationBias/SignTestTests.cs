using RealRelationship.Statistics.PublicationBias;

namespace RealRelationship.Statistics.Tests.PublicationBias;

public sealed class SignTestTests
{
    // binom.test(x, n)$p.value of R 4.2.
    [Theory]
    [InlineData(12, 1, 0.003417969)]
    [InlineData(9, 4, 0.2668457)]
    [InlineData(5, 5, 1)]
    [InlineData(5, 0, 0.0625)]
    [InlineData(0, 1, 1)]
    [InlineData(60, 40, 0.05688793)]
    public void The_p_value_is_that_of_the_exact_binomial_test(int positive, int negative, double p)
    {
        Assert.Equal(p, SignTest.PValue(positive, negative)!.Value, 7);
        Assert.Equal(SignTest.PValue(positive, negative), SignTest.PValue(negative, positive));
    }

    [Fact]
    public void Without_votes_there_is_no_test()
    {
        Assert.Null(SignTest.PValue(0, 0));
        Assert.Null(SignTest.Bounds(0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignTest.PValue(-1, 3));
    }

    [Fact]
    public void Bounds_take_unknown_votes_as_negative_and_as_positive()
    {
        Assert.Equal((SignTest.PValue(15, 1)!.Value, SignTest.PValue(12, 4)!.Value), SignTest.Bounds(12, 1, 3));
        Assert.Equal((SignTest.PValue(12, 1)!.Value, SignTest.PValue(12, 1)!.Value), SignTest.Bounds(12, 1, 0));
    }
}
