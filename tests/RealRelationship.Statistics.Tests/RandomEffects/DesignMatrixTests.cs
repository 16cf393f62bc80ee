namespace RealRelationship.Statistics.Tests;

public sealed class DesignMatrixTests
{
    [Fact]
    public void The_intercept_comes_first_and_categories_follow_in_ordinal_order()
    {
        var design = DesignMatrix.WithIntercept(4)
            .Add(new CategoricalTerm("rater", ["therapist", "client", "Observer", "client"]))
            .Add(new ContinuousTerm("age", [30, 40, 50, 60]));
        Assert.Equal(["intercept", "rater:client", "rater:therapist", "age"], design.Names); // 'O' sorts before 'c'
        Assert.Equal([1, 1, 1, 1], Column(design, 0));
        Assert.Equal([0, 1, 0, 1], Column(design, 1));
        Assert.Equal([1, 0, 0, 0], Column(design, 2));
        Assert.Equal([30, 40, 50, 60], Column(design, 3));
    }

    [Fact]
    public void A_single_level_adds_no_column() =>
        Assert.Equal(["intercept"], DesignMatrix.WithIntercept(2).Add(new CategoricalTerm("g", ["a", "a"])).Names);

    [Fact]
    public void Adding_a_term_leaves_the_design_it_was_added_to()
    {
        var design = DesignMatrix.WithIntercept(2);
        design.Add(new ContinuousTerm("x", [1, 2]));
        Assert.Equal(1, design.Columns);
    }

    [Fact]
    public void Terms_of_another_length_or_with_gaps_are_refused()
    {
        var design = DesignMatrix.WithIntercept(2);
        Assert.Throws<ArgumentException>(() => design.Add(new ContinuousTerm("x", [1, 2, 3])));
        Assert.Throws<ArgumentException>(() => design.Add(new CategoricalTerm("g", ["a"])));
        Assert.Throws<ArgumentException>(() => design.Add(new ContinuousTerm("x", [1, double.NaN])));
        Assert.Throws<ArgumentOutOfRangeException>(() => DesignMatrix.WithIntercept(0));
    }

    private static IEnumerable<double> Column(DesignMatrix design, int column) => Enumerable.Range(0, design.Rows).Select(row => design[row, column]);
}
