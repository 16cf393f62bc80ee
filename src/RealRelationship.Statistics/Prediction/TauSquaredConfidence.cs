using System.Runtime.InteropServices;

using MathNet.Numerics.Integration;

namespace RealRelationship.Statistics;

/// <summary>The confidence distribution of τ² that the Q-profile gives, as nodes of a quadrature: Q(τ²) = c with c from χ² on k − p degrees of freedom, and
/// τ² = 0, each with its own c, where Q(0) is below it (Nagashima, Noma and Furukawa 2019, Statistical Methods in Medical Research 28, 1689–1702, with the
/// pivot
/// of Viechtbauer 2007, Statistics in Medicine 26, 37–52).</summary>
/// <remarks>
/// Above 0 the variable is w with τ² = v sinh²w, v the smallest sampling variance: c = Q(τ²) needs no root to be found, √τ² is smooth at 0, and every
/// singularity of Q, at τ² = −vᵢ, lies at the distance π/2 from the real axis, so that Gauss–Legendre panels of 1.5 with 16 nodes are exact to 1e-12
/// whatever the variances.
/// At τ² = 0 it is ln c.
/// </remarks>
internal sealed class TauSquaredConfidence
{
    private const double Tail = 1e-12; // probability left out at both ends
    private const double PanelLength = 1.5;
    private const int MinPanels = 6;
    private static readonly GaussLegendreRule s_rule = new(-1, 1, 16);

    private readonly List<Node> _nodes = [];
    private readonly LinearModel _model;

    /// <summary>The distribution.</summary>
    /// <param name="model">With at least one residual degree of freedom.</param>
    public TauSquaredConfidence(LinearModel model)
    {
        (_model, DegreesOfFreedom) = (model, model.DegreesOfFreedom);
        var (zero, least, most) = (model.At(0), ChiSquared.Quantile(Tail, DegreesOfFreedom), ChiSquared.UpperQuantile(Tail, DegreesOfFreedom));
        if (zero.Q > least)
        {
            var v = model.SmallestVariance;
            double WOf(double q) => Math.Asinh(Math.Sqrt(TauSquared.SolveForQ(model, q, zero).Value / v));
            Add(WOf(most), WOf(least), AboveZero, Share(least, Math.Min(zero.Q, most)));
        }
        if (zero.Q < most)
        {
            Add(Math.Log(Math.Max(zero.Q, least)), Math.Log(most), AtZero, Share(Math.Max(zero.Q, least), most));
        }
        // By cube roots, which are nearly normal (Wilson and Hilferty 1931).
        double Share(double from, double to) => (Math.Cbrt(to) - Math.Cbrt(from)) / (Math.Cbrt(most) - Math.Cbrt(least));
        var total = _nodes.Sum(node => node.Weight);
        Nodes = !double.IsFinite(1 / total)
            ? []
            : [.. _nodes.Where(node => node.Weight > Tail * total).Select(node => node with { Weight = node.Weight / total })];
    }

    public int DegreesOfFreedom { get; }

    /// <summary>None where the numbers leave the range of double precision.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    private Node AboveZero(double w)
    {
        var tau2 = _model.SmallestVariance * Math.Sinh(w) * Math.Sinh(w);
        var m = _model.At(tau2);
        return new Node(tau2, m.Q, Density(m.Q) * m.YPPY * _model.SmallestVariance * Math.Sinh(2 * w));
    }

    private Node AtZero(double logC) => new(0, Math.Exp(logC), Density(Math.Exp(logC)) * Math.Exp(logC));

    private double Density(double c) => Math.Exp(ChiSquared.LogDensity(c, DegreesOfFreedom));

    /// <summary>Adds the nodes of an interval that covers a share of the range of c.</summary>
    private void Add(double from, double to, Func<double, Node> at, double share)
    {
        var panels = (int)Math.Ceiling(Math.Max(MinPanels * share, (to - from) / PanelLength));
        var half = (to - from) / panels / 2;
        for (var panel = 0; panel < panels && half > 0; panel++)
        {
            for (var i = 0; i < s_rule.Order; i++)
            {
                var node = at(from + half * (2 * panel + 1 + s_rule.GetAbscissa(i)));
                _nodes.Add(node with { Weight = node.Weight * half * s_rule.GetWeight(i) });
            }
        }
    }

    /// <summary>One value of τ².</summary>
    /// <param name="TauSquared">τ².</param>
    /// <param name="C">The χ² that leads to it.</param>
    /// <param name="Weight">Its probability; all are 1 together.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Node(double TauSquared, double C, double Weight);
}
