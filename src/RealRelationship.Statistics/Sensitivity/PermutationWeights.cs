namespace RealRelationship.Statistics;

/// <summary>Weights at one τ², and the sums that do not depend on the permutation.</summary>
internal sealed class PermutationWeights(int effects)
{
    public double TauSquared { get; private set; }

    public double[] W { get; } = new double[effects];

    public double[] W2 { get; } = new double[effects];

    public double[] WY { get; } = new double[effects];

    public double[] W2Y { get; } = new double[effects];

    public double SumW { get; private set; }

    public double SumW2 { get; private set; }

    public double SumWY { get; private set; }

    public double SumW2Y { get; private set; }

    public double SumWYY { get; private set; }

    public double SumW2YY { get; private set; }

    public PermutationWeights At(double tau2, double[] v, double[] y)
    {
        TauSquared = tau2;
        double sumW = 0, sumW2 = 0, sumWY = 0, sumW2Y = 0, sumWYY = 0, sumW2YY = 0;
        for (var i = 0; i < v.Length; i++)
        {
            var w = 1 / (v[i] + tau2);
            var (wy, w2, w2y) = (w * y[i], w * w, w * w * y[i]);
            (W[i], W2[i], WY[i], W2Y[i]) = (w, w2, wy, w2y);
            sumW += w;
            sumW2 += w2;
            sumWY += wy;
            sumW2Y += w2y;
            sumWYY += wy * y[i];
            sumW2YY += w2y * y[i];
        }
        (SumW, SumW2, SumWY, SumW2Y, SumWYY, SumW2YY) = (sumW, sumW2, sumWY, sumW2Y, sumWYY, sumW2YY);
        return this;
    }
}
