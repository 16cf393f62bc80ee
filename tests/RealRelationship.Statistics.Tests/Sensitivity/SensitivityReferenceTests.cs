namespace RealRelationship.Statistics.Tests;

/// <summary>Leave-one-out, influence, cumulative fits and BLUPs of every data set against metafor 5.1.12 (family <c>sensitivity</c>).</summary>
public sealed class SensitivityReferenceTests
{
    private static readonly ModelOptions Reml = new() { Test = CoefficientTest.Normal };

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Leave_one_out_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var answer = file.Answer("sensitivity", "leaveOneOut");
        var agreement = new Agreement(1e-8);
        var rows = LeaveOneOut.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < rows.Count; i++)
        {
            agreement.Check("out", rows[i].Estimate, answer, "beta", i);
            agreement.Check("out", rows[i].StandardError, answer, "se", i);
            agreement.Check("out", rows[i].Lower, answer, "ciLower", i);
            agreement.Check("out", rows[i].Upper, answer, "ciUpper", i);
            agreement.Check("out", rows[i].Q, answer, "q", i);
            agreement.Check("out", rows[i].TauSquared, answer, "tau2", i);
            agreement.Check("out", rows[i].ISquared, answer, "i2", i);
        }
        agreement.Verify(atLeast: 7 * file.Estimates.Length);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Influence_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var answer = file.Answer("sensitivity", "influence");
        var influential = answer.GetProperty("influential").EnumerateArray().Select(x => x.GetBoolean());
        var agreement = new Agreement(1e-8);
        var rows = Influence.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < rows.Count; i++)
        {
            agreement.Check("influence", rows[i].StudentizedResidual, answer, "rstudent", i);
            agreement.Check("influence", rows[i].Dffits, answer, "dffits", i);
            agreement.Check("influence", rows[i].CooksDistance, answer, "cook.d", i);
            agreement.Check("influence", rows[i].CovarianceRatio, answer, "cov.r", i);
            agreement.Check("influence", rows[i].TauSquaredDeleted, answer, "tau2.del", i);
            agreement.Check("influence", rows[i].QDeleted, answer, "QE.del", i);
            agreement.Check("influence", rows[i].Hat, answer, "hat", i);
            agreement.Check("influence", rows[i].Weight, answer, "weight", i);
            agreement.Check("influence", rows[i].Dfbeta, answer, "dfbeta", i);
        }
        agreement.Verify(atLeast: 9 * file.Estimates.Length);
        Assert.Equal(influential, rows.Select(row => row.Influential));
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Cumulative_fits_and_shrunken_effects_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (cumul, blup) = (file.Answer("sensitivity", "cumulative"), file.Answer("sensitivity", "blup"));
        var agreement = new Agreement(1e-8);
        var cumulative = Cumulative.Run(file.Estimates, file.Variances, Reml);
        var shrunken = Shrinkage.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < cumulative.Count; i++)
        {
            agreement.Check("cumulative", cumulative[i].Effect, cumul, "beta", i);
            agreement.Check("cumulative", cumulative[i].StandardError, cumul, "se", i);
            agreement.Check("cumulative", cumulative[i].TauSquared, cumul, "tau2", i);
            agreement.Check("shrunken", shrunken[i].Effect, blup, "pred", i);
            agreement.Check("shrunken", shrunken[i].StandardError, blup, "se", i);
            agreement.Check("shrunken", shrunken[i].Lower, blup, "piLower", i);
            agreement.Check("shrunken", shrunken[i].Upper, blup, "piUpper", i);
        }
        agreement.Verify(atLeast: 7 * file.Estimates.Length);
    }
}
